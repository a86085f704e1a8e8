import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { factorsQuery } from "@/lib/factors";
import { ErrorNote } from "@/ui/error-note";
import { Skeleton } from "@/ui/skeleton";
import { App } from "./app-card";
import { Identities } from "./identities-card";
import { Passkeys } from "./passkeys-card";
import { Password } from "./password-card";
import { RecoveryCodes } from "./recovery-card";
import { CodesDialog } from "./recovery-codes";

/** Everything that a person can sign in with. */
export function Security() {
  const { data, error, refetch } = useQuery(factorsQuery);
  // With the first factor the server makes recovery codes and shows them this once.
  const [codes, setCodes] = useState<string[]>([]);
  if (error) return <ErrorNote error={error} onRetry={() => refetch()} />;
  if (!data) {
    return (
      <div className="grid gap-4">
        {["password", "passkeys", "app"].map((one) => (
          <Skeleton key={one} className="h-36 rounded-card" />
        ))}
      </div>
    );
  }
  const hasFactor = data.totp_since != null || data.passkeys.length > 0;
  return (
    <div className="grid gap-4">
      <Password hasPassword={data.has_password} />
      <Passkeys passkeys={data.passkeys} onCodes={setCodes} />
      <App since={data.totp_since ?? undefined} onCodes={setCodes} />
      {hasFactor ? <RecoveryCodes left={data.recovery_codes_left} onCodes={setCodes} /> : null}
      <Identities identities={data.identities} />
      {codes.length > 0 ? <CodesDialog codes={codes} onClose={() => setCodes([])} /> : null}
    </div>
  );
}
