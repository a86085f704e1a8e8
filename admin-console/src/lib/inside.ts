/** Only a path of this console: an address from a link must not lead a signed-in person elsewhere. */
export function inside(path: string | undefined): string {
  return path?.startsWith("/") && !path.startsWith("//") && !path.startsWith("/\\") ? path : "/";
}
