import type { ComponentType } from "react";
import type { Field, Resource, Row } from "@/api/model";

export interface InputProps {
  id: string;
  field: Field;
  /** Whose field it is: its labels are found by it. */
  resource: Resource;
  value: unknown;
  onChange: (value: unknown) => void;
  onBlur?: () => void;
  disabled?: boolean;
  invalid?: boolean;
  describedBy?: string | undefined;
  /** For a reference: what the stored row is called. */
  title?: string | undefined;
}

export interface CellProps {
  field: Field;
  resource: Resource;
  value: unknown;
  row?: Row;
  /** On a detail page there is room to show everything. */
  full?: boolean;
}

/** A filter reads and writes the operators of its field: "" is equality, then gte, lte, in, contains, null. */
export interface FilterProps {
  id: string;
  field: Field;
  resource: Resource;
  get: (operator: Operator) => string | undefined;
  set: (operator: Operator, value: string | undefined) => void;
}

export type Operator = "" | "ne" | "gt" | "gte" | "lt" | "lte" | "in" | "contains" | "starts" | "null";

/** How the console shows, asks for and filters one kind of field: the twin of a `Kind` on the server. */
export interface Kind {
  Input: ComponentType<InputProps>;
  Cell: ComponentType<CellProps>;
  Filter: ComponentType<FilterProps>;
  /** Numbers stand at the end of their column, so that digits line up. */
  numeric?: boolean;
  /** Takes the whole width of a form. */
  wide?: boolean;
  /** Turns what the input holds into what the server reads; without it the value goes as it is. */
  toBody?: (value: unknown) => unknown;
  /** What is plainly wrong before the server is asked; undefined when nothing is. */
  check?: (value: unknown) => "not_json" | "not_a_time" | undefined;
}

export function isEmpty(value: unknown): boolean {
  return value === null || value === undefined || value === "";
}
