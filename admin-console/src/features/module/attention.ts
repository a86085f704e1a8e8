import type { Field, Resource } from "@/api/model";
import { needsSomebody, pressing } from "@/resource/kinds/tone";
import { stateOf } from "@/resource/places";

/** Something that may wait for somebody: rows in a state, or rows whose day has come. */
export interface Matter {
  resource: Resource;
  field: Field;
  /** The filter of the list that shows them, which is also what is counted. */
  filter: Record<string, string>;
  kind: "state" | "overdue" | "soon";
  value?: string;
  weight: number;
}

const SOON_DAYS = 30;
/** Days on which something ends or has to be done. */
const DUE = /(expir(es|y)|due|deadline|ends?|next_service|renew\w*|valid_until)(_on|_at|_date)?$|^next_\w+_on$/;

/** Rows that are over do not press, whatever day they bear. */
const OVER =
  /^(retired|terminated|closed|completed|cancelled|canceled|resolved|paid|archived|ended|returned|revoked|rejected|superseded|renewed|released|applied|waived|dismissed|reconciled|delivered|met|breached)$/;

function openFilter(resource: Resource): Record<string, string> {
  const state = stateOf(resource);
  const open = (state?.values ?? []).filter((value) => !OVER.test(value));
  return state && open.length > 0 && open.length < (state.values?.length ?? 0)
    ? { [`${state.name}.in`]: open.join(",") }
    : {};
}

/**
 * What could need attention in a resource, from its description alone: states that wait for somebody, and days by which
 * something runs out. What is counted to nothing is not shown.
 */
export function mattersOf(resource: Resource, day: (offset: number) => string): Matter[] {
  const matters: Matter[] = [];
  const state = stateOf(resource);
  for (const value of state?.values ?? []) {
    const leads = (resource.actions ?? []).some(
      ({ when }) => when?.field === state?.name && when?.values.includes(value),
    );
    if (state && needsSomebody(value, leads)) {
      const filter = { [state.name]: value };
      matters.push({ resource, field: state, filter, kind: "state", value, weight: pressing(value) });
    }
  }
  // "Ends on" of a contract matters, the day on which a finished trip ended does not: only what people plan by.
  const days = resource.fields.filter((field) => field.kind === "date" && DUE.test(field.name) && !ended(field));
  for (const field of days) {
    const open = openFilter(resource);
    matters.push({
      resource,
      field,
      filter: { ...open, [`${field.name}.lt`]: day(0) },
      kind: "overdue",
      weight: 3,
    });
    matters.push({
      resource,
      field,
      filter: { ...open, [`${field.name}.gte`]: day(0), [`${field.name}.lte`]: day(SOON_DAYS) },
      kind: "soon",
      weight: 1.5,
    });
  }
  return matters;
}

/** The end of a period that was planned from the start (a leave, an assignment) is not a day by which to act. */
function ended(field: Field): boolean {
  // That a warranty has run out is worth knowing and nothing to act on.
  if (/warranty/.test(field.name)) return true;
  return /(^|_)ends?(ed)?_on$/.test(field.name) && !/contract|lease|insurance|trial|plan/.test(field.name);
}
