import { queryOptions, useQuery } from "@tanstack/react-query";
import { Mail } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { useFormat } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Select } from "@/ui/field";
import { Note } from "@/ui/note";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";

type Letters = Answer<"/api/v1/organization/mails", "get">;
type Letter = Letters["data"][number];
type State = "waiting" | "sent" | "dead" | "expired";

const lettersQuery = queryOptions({
  queryKey: ["organization", "mails"],
  queryFn: () => answerOf(client.GET("/api/v1/organization/mails")),
});

const TONES: Record<State, Tone> = { waiting: "info", sent: "ok", dead: "bad", expired: "neutral" };
const URGENCY: Record<State, number> = { dead: 0, waiting: 1, expired: 2, sent: 3 };

/** A letter that waits past its time is worth nothing any more, whatever its state says. */
function stateOf(letter: Letter): State {
  if (letter.state === "sent" || letter.state === "dead") return letter.state;
  return new Date(letter.expires_at).getTime() < Date.now() ? "expired" : "waiting";
}

/** Letters of the organization: what went out, what waits, what could not be delivered and why. */
export function LettersPage() {
  const { t } = useTranslation();
  const letters = useQuery(lettersQuery);
  const [shown, setShown] = useState<"all" | "unsent">("all");
  if (letters.isPending) return <PageSkeleton />;
  if (letters.isError) return <ErrorNote error={letters.error} onRetry={letters.refetch} />;
  const sorted = letters.data.data
    .filter((letter) => shown === "all" || stateOf(letter) === "waiting" || stateOf(letter) === "dead")
    .sort((a, b) => URGENCY[stateOf(a)] - URGENCY[stateOf(b)] || b.created_at.localeCompare(a.created_at));
  return (
    <>
      <PageHead
        title={t("settings.section.mails")}
        hint={t("letters.hint")}
        actions={
          <Select
            aria-label={t("letters.filter")}
            value={shown}
            onChange={(event) => setShown(event.target.value as "all")}
          >
            <option value="all">{t("letters.all")}</option>
            <option value="unsent">{t("letters.unsent")}</option>
          </Select>
        }
      />
      <div className="grid max-w-5xl gap-4">
        {letters.data.is_sent ? null : (
          <Note kind="warn" title={t("letters.not_sent")}>
            {t("letters.not_sent_hint")}
          </Note>
        )}
        <Card>
          {sorted.length === 0 ? <Empty icon={Mail} title={t("letters.none")} /> : null}
          <ul className="divide-y divide-line">
            {sorted.map((letter) => (
              <Row key={letter.id} letter={letter} />
            ))}
          </ul>
        </Card>
      </div>
    </>
  );
}

const TEMPLATES = [
  "password_reset",
  "password_changed",
  "sign_up",
  "sign_up_known",
  "email_verification",
  "invitation",
  "organization_suspended",
  "organization_reinstated",
] as const;

function Row({ letter }: { letter: Letter }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const state = stateOf(letter);
  const template = TEMPLATES.find((one) => one === letter.template) ?? "other";
  return (
    <li className="flex flex-wrap items-start gap-x-4 gap-y-2 px-5 py-3.5">
      <div className="min-w-48 flex-1">
        <p className="font-medium">{t(`letters.template.${template}`)}</p>
        <p className="break-all text-muted text-sm">
          <bdi dir="ltr">{letter.recipient}</bdi>
        </p>
        <p className="mt-0.5 text-faint text-xs">
          {format.instant(letter.created_at)}
          {" · "}
          {letter.sent_at
            ? t("letters.sent_at", { when: format.instant(letter.sent_at) })
            : t("letters.good_until", { when: format.instant(letter.expires_at) })}
          {letter.attempts > 0 ? ` · ${t("letters.tries", { count: letter.attempts })}` : null}
        </p>
        {letter.last_error && state !== "sent" ? (
          <p className="mt-1 break-words text-bad text-xs">
            {t("letters.error")}
            {": "}
            <bdi>{letter.last_error}</bdi>
          </p>
        ) : null}
      </div>
      <Badge tone={TONES[state]} dot>
        {t(`letters.${state}`)}
      </Badge>
      {letter.text ? (
        <Button size="sm" onClick={() => setOpen(true)}>
          {t("letters.read")}
        </Button>
      ) : null}
      {open && letter.text ? (
        <Dialog
          open
          onOpenChange={setOpen}
          size="md"
          title={<bdi>{letter.subject}</bdi>}
          description={letter.recipient}
        >
          <p dir="auto" className="whitespace-pre-wrap break-words text-sm leading-relaxed">
            {letter.text}
          </p>
        </Dialog>
      ) : null}
    </li>
  );
}
