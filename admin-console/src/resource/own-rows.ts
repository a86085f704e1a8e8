/** Rows that have a page made by hand: every link to such a row leads there. */
const OWN_ROWS = {
  "hr.payroll_runs": "/hr/payroll/$id",
  "hr.salaries": "/hr/payslips/$id",
  "hr.loans": "/hr/loan/$id",
} as const;

export function ownRowPage(module: string, resource: string): (typeof OWN_ROWS)[keyof typeof OWN_ROWS] | undefined {
  return OWN_ROWS[`${module}.${resource}` as keyof typeof OWN_ROWS];
}
