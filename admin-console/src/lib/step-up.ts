import { createStore, useStore } from "./store";

// What an access token alone does not open waits here until the person has shown again who is there.
const waiting = createStore<((proved: boolean) => void) | undefined>(undefined);

let asked: Promise<boolean> | undefined;
let listeners = 0;

/** Asks the person once for all calls that wait; false when nobody could be asked, or would not. */
export function askForProof(): Promise<boolean> {
  if (listeners === 0) return Promise.resolve(false);
  asked ??= new Promise<boolean>((resolve) => waiting.set(resolve)).finally(() => {
    asked = undefined;
    waiting.set(undefined);
  });
  return asked;
}

/** While a part of the page is listening, calls may wait for it. */
export function listenForProof(): () => void {
  listeners += 1;
  return () => {
    listeners -= 1;
    waiting.get()?.(false);
  };
}

/** What to call with the outcome while somebody is being asked. */
export function useAskedForProof() {
  return useStore(waiting);
}
