import { useMutation, useQuery } from "@tanstack/react-query";
import { MailPlus, RotateCw, UserPlus, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { Badge, type Tone } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Empty } from "@/ui/empty";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { accessQueries, type Invitation, resendInvitation, withdrawInvitation } from "./access-api";
import { PositionBadges } from "./role-names";

const STATES = ["open", "expired", "accepted", "withdrawn"] as const;
type State = (typeof STATES)[number];

const TONES: Record<State, Tone> = { open: "info", expired: "warn", accepted: "ok", withdrawn: "neutral" };
const STEP = 50;

interface InvitationsProps {
  state: string | undefined;
  onState: (state: string | undefined) => void;
  onInvite: (() => void) | undefined;
}

/** Who was invited, and what became of it. */
export function Invitations({ state, onState, onInvite }: InvitationsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const invitations = useQuery(accessQueries.invitations);
  const [shown, setShown] = useState(STEP);
  const [withdrawing, setWithdrawing] = useState<Invitation>();
  const withdraw = useMutation({
    mutationFn: (one: Invitation) => withdrawInvitation(one.id),
    onSuccess: (one) => {
      setWithdrawing(undefined);
      toast(t("people.withdrawn", { email: one.email }));
    },
  });
  const all = invitations.data ?? [];
  const found = all.filter((one) => !state || one.state === state);
  const invite = onInvite ? (
    <Button onClick={onInvite}>
      <UserPlus aria-hidden />
      {t("people.invite")}
    </Button>
  ) : null;
  return (
    <>
      <fieldset className="mb-4 flex flex-wrap gap-2">
        <legend className="sr-only">{t("people.status_label")}</legend>
        {[undefined, ...STATES].map((one) => {
          const count = one ? all.filter((invitation) => invitation.state === one).length : all.length;
          return (
            <button
              key={one ?? "all"}
              type="button"
              aria-pressed={state === one}
              onClick={() => onState(one)}
              className={cn(
                "flex h-9 items-center gap-2 rounded-lg border px-3 text-sm",
                state === one
                  ? "border-accent bg-accent-soft font-medium text-accent-text"
                  : "border-line-strong text-muted hover:bg-hover",
              )}
            >
              {one ? t(`people.state.${one}`) : t("people.state.all")}
              <span className="num text-xs opacity-80">{format.number(count)}</span>
            </button>
          );
        })}
      </fieldset>
      {invitations.isError ? (
        <ErrorNote error={invitations.error} onRetry={invitations.refetch} className="mb-4" />
      ) : null}
      <Card className={invitations.isError ? "hidden" : ""}>
        {invitations.isPending ? <RowsSkeleton /> : null}
        {invitations.data && all.length === 0 ? (
          <Empty icon={MailPlus} title={t("people.no_invitations")} actions={invite}>
            {t("people.no_invitations_hint")}
          </Empty>
        ) : null}
        {all.length > 0 && found.length === 0 ? <Empty icon={MailPlus} title={t("list.nothing_matches")} /> : null}
        <ul className="divide-y divide-line">
          {found.slice(0, shown).map((one) => (
            <li key={one.id}>
              <Row invitation={one} onWithdraw={() => setWithdrawing(one)} />
            </li>
          ))}
        </ul>
        {found.length > shown ? (
          <div className="border-line border-t px-5 py-3 text-center">
            <Button onClick={() => setShown(shown + STEP)}>{t("common.more")}</Button>
          </div>
        ) : null}
      </Card>
      {withdrawing ? (
        <Confirm
          open
          onOpenChange={() => {
            setWithdrawing(undefined);
            withdraw.reset();
          }}
          title={t("people.withdraw_title", { email: withdrawing.email })}
          description={t("people.withdraw_hint")}
          confirm={t("people.withdraw")}
          danger
          busy={withdraw.isPending}
          error={withdraw.error}
          onConfirm={() => withdraw.mutate(withdrawing)}
        />
      ) : null}
    </>
  );
}

function Row({ invitation, onWithdraw }: { invitation: Invitation; onWithdraw: () => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const resend = useMutation({
    mutationFn: () => resendInvitation(invitation.id),
    onSuccess: () => toast(t("people.resent", { email: invitation.email })),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const state = invitation.state as State;
  // Both may be sent again or taken back: one that came to its end is only late.
  const unsettled = state === "open" || state === "expired";
  return (
    <div className="flex flex-wrap items-center gap-x-4 gap-y-2 px-5 py-3.5 text-sm">
      <div className="min-w-56 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          <bdi dir="ltr" className="min-w-0 break-all font-medium">
            {invitation.email}
          </bdi>
          <Badge tone={TONES[state] ?? "neutral"} dot>
            {t(`people.state.${state}`)}
          </Badge>
        </p>
        <p className="mt-1 text-faint text-xs">
          {t("people.invited_by", { name: invitation.invited_by_name, when: format.ago(invitation.created_at) })}
          {" · "}
          {unsettled ? (
            <time dateTime={invitation.expires_at} title={format.instant(invitation.expires_at)}>
              {t(state === "open" ? "people.expires" : "people.has_expired", {
                when: format.ago(invitation.expires_at),
              })}
            </time>
          ) : invitation.settled_at ? (
            t("people.settled", { when: format.ago(invitation.settled_at) })
          ) : null}
          {invitation.letters > 1
            ? ` · ${t("people.letters", { count: invitation.letters, shown: format.number(invitation.letters) })}`
            : null}
        </p>
      </div>
      <PositionBadges position={invitation} />
      {unsettled && can("members.create") ? (
        <div className="flex gap-2">
          <Button size="sm" busy={resend.isPending} onClick={() => resend.mutate()}>
            {resend.isPending ? null : <RotateCw aria-hidden />}
            {t("people.resend")}
          </Button>
          <Button size="sm" variant="ghost" onClick={onWithdraw}>
            <X aria-hidden />
            {t("people.withdraw")}
          </Button>
        </div>
      ) : null}
    </div>
  );
}
