import { useState } from "react";
import { useTranslation } from "react-i18next";
import { answerOf, client } from "@/lib/api";
import { type Challenge, enter } from "@/lib/session";
import { Button } from "@/ui/button";
import { AuthForm } from "./auth-form";
import { AuthPage } from "./auth-page";
import { PasskeyButton } from "./passkey-button";

interface SecondStepProps {
  challenge: Challenge;
  onDone: () => void;
  /** Back to the first step. */
  onAgain: () => void;
}

const WAYS = ["totp", "passkey", "recovery_code"] as const;
type Way = (typeof WAYS)[number];

/** What else a person has to show who has a second factor. */
export function SecondStep({ challenge, onDone, onAgain }: SecondStepProps) {
  const { t } = useTranslation();
  const ways = WAYS.filter((way) => challenge.second_factor.includes(way));
  const [way, setWay] = useState<Way>(ways[0] ?? "recovery_code");
  const { ticket } = challenge;
  return (
    <AuthPage title={t("auth.second_title")} hint={t(`auth.second_hint_${way}`)}>
      {way === "passkey" ? (
        <PasskeyButton
          variant="primary"
          label={t("auth.use_passkey")}
          begin={() => answerOf(client.POST("/api/v1/auth/second-factor/passkey", { body: { ticket } }))}
          finish={(answer) => enter("/auth/second-factor", answer)}
          onDone={onDone}
        />
      ) : (
        <AuthForm
          key={way}
          submit={t("auth.go_on")}
          onSubmit={(values) => enter("/auth/second-factor", { ticket, ...values })}
          onDone={onDone}
          fields={[
            way === "totp"
              ? { name: "code", label: t("auth.code"), type: "code", autoComplete: "one-time-code" }
              : { name: "recovery_code", label: t("auth.recovery_code"), type: "code", autoComplete: "off" },
          ]}
        />
      )}
      <ul className="mt-6 space-y-1 border-line border-t pt-4">
        {ways
          .filter((other) => other !== way)
          .map((other) => (
            <li key={other}>
              <Button variant="link" onClick={() => setWay(other)} className="min-h-9">
                {t(`auth.second_way_${other}`)}
              </Button>
            </li>
          ))}
        <li>
          <Button variant="link" onClick={onAgain} className="min-h-9">
            {t("auth.as_another")}
          </Button>
        </li>
      </ul>
    </AuthPage>
  );
}
