import { queryOptions } from "@tanstack/react-query";
import type { Answer } from "@/api/answer";
import { api } from "@/lib/api";

export const LOANS = "hr.loans";

type Told<T> = { [K in keyof T]-?: Exclude<T[K], undefined> };
type Plan = Answer<"/api/v1/hr/loans/{id}/schedule", "get">;

/** One month of a loan; without an id before it is approved: then the plan is what approval would make. */
export type Instalment = Told<Plan["instalments"][number]>;
export type Schedule = Omit<Told<Plan>, "instalments"> & { instalments: Instalment[] };

export const scheduleQuery = (loanId: string) =>
  queryOptions({
    // What is paid or put off changes with the loan's row.
    queryKey: ["rows", LOANS, "schedule", loanId],
    queryFn: ({ signal }) => api.get<Schedule>(`/hr/loans/${loanId}/schedule`, { signal }),
  });
