import { useMutation } from "@tanstack/react-query";
import { Fingerprint } from "lucide-react";
import type { ComponentProps } from "react";
import { type CeremonyOptions, type Credential, passkeysWork, showPasskey } from "@/lib/passkeys";
import { Button } from "@/ui/button";
import { ErrorNote } from "@/ui/error-note";

interface PasskeyButtonProps<T> extends Pick<ComponentProps<typeof Button>, "variant"> {
  label: string;
  /** What the device has to answer, from the server. */
  begin: () => Promise<{ ticket: string; options: CeremonyOptions }>;
  finish: (answer: { ticket: string; credential: Credential }) => Promise<T>;
  onDone: (answer: T) => void;
}

/** Shows a passkey to the server. Nothing where the browser has none. */
export function PasskeyButton<T>({ label, begin, finish, onDone, variant }: PasskeyButtonProps<T>) {
  const show = useMutation({
    mutationFn: async () => {
      const { ticket, options } = await begin();
      return finish({ ticket, credential: await showPasskey(options) });
    },
    onSuccess: onDone,
  });
  if (!passkeysWork()) return null;
  return (
    <div className="space-y-3">
      <Button variant={variant} size="lg" busy={show.isPending} onClick={() => show.mutate()} className="w-full">
        {show.isPending ? null : <Fingerprint aria-hidden />}
        {label}
      </Button>
      {show.error ? <ErrorNote error={show.error} /> : null}
    </div>
  );
}
