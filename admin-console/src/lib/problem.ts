/** One refusal of one field, as the server words it in the caller's language. */
export interface FieldError {
  field: string;
  code: string;
  message: string;
  row?: number;
  value?: unknown;
}

interface ProblemBody {
  status?: number;
  code?: string;
  title?: string;
  detail?: string;
  errors?: FieldError[];
  request_id?: string;
}

/** What the server answers instead of a result (RFC 9457), or what kept it from answering. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly errors: FieldError[];
  readonly requestId: string | undefined;

  constructor(body: ProblemBody, status: number) {
    super(body.detail || body.title || body.code || String(status));
    this.name = "Problem";
    this.status = status;
    this.code = body.code ?? String(status);
    this.errors = body.errors ?? [];
    this.requestId = body.request_id;
  }

  /** The network failed before a status came: status 0. */
  static unreachable(cause: unknown): Problem {
    const problem = new Problem({ code: "unreachable" }, 0);
    problem.cause = cause;
    return problem;
  }

  static async from(response: Response): Promise<Problem> {
    const isJson = response.headers.get("content-type")?.includes("json");
    const body = isJson ? ((await response.json().catch(() => ({}))) as ProblemBody) : {};
    return new Problem(body, response.status);
  }
}

export function isProblem(error: unknown, status?: number): error is Problem {
  return error instanceof Problem && (status === undefined || error.status === status);
}
