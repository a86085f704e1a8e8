import { useMutation } from "@tanstack/react-query";
import { CircleCheck } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMe } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { LANGUAGES, usePreferences } from "@/lib/preferences";
import { isProblem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { wordsFor } from "@/ui/error-note";
import { describedBy, Field, FieldError, Select, Textarea } from "@/ui/field";
import { toast } from "@/ui/toast";
import { accessChanged, invite } from "./access-api";
import { addressesIn, MEMBERSHIPS, mayGiveMembership } from "./position";
import { PositionFields } from "./position-fields";

/** More in one go would run into the limit that the server sets for an hour. */
const MOST = 50;

/** Invites one or several by mail. What is refused stays, with the reason; the others are on their way. */
export function InviteDialog({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const me = useMe();
  const { language } = usePreferences();
  const [text, setText] = useState("");
  const [locale, setLocale] = useState<string>(language);
  const [position, setPosition] = useState({
    membership: MEMBERSHIPS.filter((one) => mayGiveMembership(me.membership, one)).at(-1) ?? "viewer",
    roles: [] as string[],
  } as { membership: string; roles: string[] });
  const [sent, setSent] = useState<string[]>([]);
  const [refused, setRefused] = useState<Map<string, unknown>>(new Map());
  const { good, bad } = useMemo(() => addressesIn(text), [text]);
  const send = useMutation({
    mutationFn: async () => {
      const done: string[] = [];
      const failed = new Map<string, unknown>();
      let stopped: unknown;
      for (const email of good) {
        if (stopped) {
          failed.set(email, stopped);
          continue;
        }
        try {
          await invite({ email, locale, ...position });
          done.push(email);
        } catch (error) {
          failed.set(email, error);
          // What does not depend on the address is the same for the rest.
          if (isProblem(error) && error.status !== 422 && error.status !== 409) stopped = error;
          if (isProblem(error, 409) && error.code === "above_own") stopped = error;
        }
      }
      await accessChanged();
      return { done, failed };
    },
    onSuccess: ({ done, failed }) => {
      setSent((before) => [...before, ...done]);
      setRefused(failed);
      setText([...failed.keys()].join("\n"));
      if (failed.size === 0) {
        const count = sent.length + done.length;
        toast(t("people.invited", { count, shown: format.number(count) }));
        onDone();
      }
    },
  });
  const tooMany = good.length > MOST ? t("people.at_most", { most: MOST }) : undefined;
  const reasonOf = (error: unknown) => {
    const field = isProblem(error) ? error.errors.find((one) => one.message) : undefined;
    return field?.code === "taken" ? t("people.taken") : (field?.message ?? wordsFor(error, t));
  };
  const addressError = bad.length > 0 ? t("people.bad_addresses", { what: format.list(bad.slice(0, 5)) }) : tooMany;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      size="md"
      title={t("people.invite_title")}
      description={t("people.invite_hint")}
      footer={
        <>
          <Button onClick={sent.length > 0 ? onDone : onClose}>
            {sent.length > 0 ? t("common.close") : t("common.cancel")}
          </Button>
          <Button
            variant="primary"
            busy={send.isPending}
            disabled={good.length === 0 || bad.length > 0 || tooMany !== undefined}
            onClick={() => send.mutate()}
          >
            {t("people.send_invitations", { count: Math.max(good.length, 1), shown: format.number(good.length) })}
          </Button>
        </>
      }
    >
      <form
        noValidate
        className="space-y-4"
        onSubmit={(event) => {
          event.preventDefault();
          if (good.length > 0 && bad.length === 0) send.mutate();
        }}
      >
        {sent.length > 0 ? (
          <p role="status" className="flex items-center gap-2 text-ok text-sm">
            <CircleCheck className="size-4 shrink-0" aria-hidden />
            {t("people.invited", { count: sent.length, shown: format.number(sent.length) })}
          </p>
        ) : null}
        <Field
          id="invite-addresses"
          label={t("people.addresses")}
          required
          help={
            good.length > 1
              ? t("people.addresses_found", { count: good.length, shown: format.number(good.length) })
              : t("people.addresses_help")
          }
          error={addressError}
        >
          <Textarea
            id="invite-addresses"
            dir="ltr"
            inputMode="email"
            autoComplete="off"
            spellCheck={false}
            value={text}
            aria-invalid={addressError ? true : undefined}
            aria-describedby={describedBy("invite-addresses", true, addressError)}
            onChange={(event) => {
              setText(event.target.value);
              setRefused(new Map());
            }}
            className="text-page-start"
          />
        </Field>
        {refused.size > 0 ? (
          <ul role="alert" className="space-y-1">
            {[...refused].slice(0, 20).map(([email, error]) => (
              <li key={email}>
                <FieldError>
                  <bdi dir="ltr" className="break-all font-medium">
                    {email}
                  </bdi>
                  {": "}
                  {reasonOf(error)}
                </FieldError>
              </li>
            ))}
          </ul>
        ) : null}
        <PositionFields value={position} onChange={setPosition} />
        <Field id="invite-locale" label={t("people.letter_language")}>
          <Select id="invite-locale" value={locale} onChange={(event) => setLocale(event.target.value)}>
            {LANGUAGES.map((one) => (
              <option key={one} value={one} lang={one}>
                {t(`view.language_${one}`)}
              </option>
            ))}
          </Select>
        </Field>
      </form>
    </Dialog>
  );
}
