import { lazy, Suspense, useEffect } from "react";
import { useMe } from "@/lib/account";
import { listenForProof, useAskedForProof } from "@/lib/step-up";

const StepUpDialog = lazy(() =>
  import("@/features/auth/step-up-dialog").then((module) => ({ default: module.StepUpDialog })),
);

/** Opens when any call of any page needs to know again who is there. */
export function StepUp() {
  const { support } = useMe();
  const settle = useAskedForProof();
  // Support acts in a member's place and cannot prove to be him.
  useEffect(() => (support ? undefined : listenForProof()), [support]);
  if (!settle) return null;
  return (
    <Suspense>
      <StepUpDialog onSettled={settle} />
    </Suspense>
  );
}
