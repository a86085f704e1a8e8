import { queryOptions } from "@tanstack/react-query";
import { api } from "@/lib/api";

export const LOANS = "hr.loans";

export interface Instalment {
  /** Nothing before the loan is approved: then the plan is what approval would make. */
  id: string | null;
  position: number;
  planned_on: string;
  due_on: string;
  amount: string;
  paid: string;
  left: string;
  state: string;
  settled_on: string | null;
}

export interface Schedule {
  loan_id: string;
  courier_id: string;
  loan_number: string;
  status: string;
  principal: string;
  paid: string;
  outstanding: string;
  called_off: string;
  next_due_on: string | null;
  instalments: Instalment[];
}

export const scheduleQuery = (loanId: string) =>
  queryOptions({
    // What is paid or put off changes with the loan's row.
    queryKey: ["rows", LOANS, "schedule", loanId],
    queryFn: ({ signal }) => api.get<Schedule>(`/hr/loans/${loanId}/schedule`, { signal }),
  });
