import type { paths } from "./schema";

type Content<R> = R extends { content: { "application/json": infer T } } ? T : never;

/** What the server's document says a call answers: the only source of the shapes of hand-made pages. */
export type Answer<P extends keyof paths, M extends keyof paths[P]> = paths[P][M] extends { responses: infer R }
  ? Content<R[keyof R & (200 | 201 | 202)]>
  : never;
