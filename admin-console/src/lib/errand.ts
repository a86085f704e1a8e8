/** What a person went to a provider for. */
export interface Errand {
  kind: "sign-in" | "link" | "step-up";
  /** Where to go on afterwards. */
  next: string;
}

const NAME = "barq.errand.";

/**
 * Writes down what the way back is for, by the state that the provider returns. A window that was opened for it reads it too,
 * so it lies where all windows of this browser look; it opens nothing by itself.
 */
export function leave(url: string, errand: Errand) {
  const state = new URL(url).searchParams.get("state") ?? "";
  try {
    for (const key of Object.keys(localStorage)) if (key.startsWith(NAME)) localStorage.removeItem(key);
    localStorage.setItem(NAME + state, JSON.stringify(errand));
  } catch {
    // without storage every way back is taken for a sign-in
  }
}

export function errandOf(state: string): Errand {
  try {
    const errand = JSON.parse(localStorage.getItem(NAME + state) ?? "null") as Errand | null;
    if (errand) return errand;
  } catch {
    // as above
  }
  return { kind: "sign-in", next: "/" };
}

/** How a window that was opened for a proof tells the others that it is done. */
export const proofs = () => new BroadcastChannel("barq.proof");
