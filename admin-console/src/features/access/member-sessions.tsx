import { useMutation, useQuery } from "@tanstack/react-query";
import { LogOut, MonitorSmartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { accessQueries, endSession, endSessions, type MemberSession } from "./access-api";
import { deviceOf } from "./device";

/** Where a member is signed in, in this organization; the last time he was seen follows from it. */
export function MemberSessions({ userId, mayEnd }: { userId: string; mayEnd: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const sessions = useQuery(accessQueries.sessions(userId));
  const [asking, setAsking] = useState(false);
  const one = useMutation({
    mutationFn: (id: string) => endSession(userId, id),
    onSuccess: () => toast(t("people.session_ended")),
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  const all = useMutation({
    mutationFn: () => endSessions(userId),
    onSuccess: () => {
      setAsking(false);
      toast(t("people.sessions_ended"));
    },
  });
  if (sessions.isPending) return <RowsSkeleton rows={2} />;
  if (sessions.isError) return <ErrorNote error={sessions.error} onRetry={sessions.refetch} />;
  if (sessions.data.length === 0) return <p className="text-muted text-sm">{t("people.no_sessions")}</p>;
  const seen =
    sessions.data
      .map((session) => session.last_used_at)
      .sort()
      .at(-1) ?? "";
  return (
    <>
      <p className="mb-3 text-muted text-sm">{t("people.last_seen", { when: format.ago(seen) })}</p>
      <ul className="divide-y divide-line rounded-lg border border-line">
        {sessions.data.map((session) => (
          <li key={session.id} className="flex flex-wrap items-center gap-x-3 gap-y-2 px-3 py-2.5 text-sm">
            <MonitorSmartphone className="size-4.5 shrink-0 text-faint" aria-hidden />
            <Session session={session} />
            {mayEnd ? (
              <Button
                size="sm"
                busy={one.isPending && one.variables === session.id}
                onClick={() => one.mutate(session.id)}
              >
                {t("people.end_session")}
              </Button>
            ) : null}
          </li>
        ))}
      </ul>
      {mayEnd && sessions.data.length > 1 ? (
        <Button className="mt-3" onClick={() => setAsking(true)}>
          <LogOut aria-hidden className="rtl:-scale-x-100" />
          {t("people.end_sessions")}
        </Button>
      ) : null}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t("people.end_sessions")}
        description={t("people.end_sessions_hint")}
        confirm={t("people.end_sessions")}
        danger
        busy={all.isPending}
        error={all.error}
        onConfirm={() => all.mutate()}
      />
    </>
  );
}

function Session({ session }: { session: MemberSession }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <div className="min-w-40 flex-1">
      <p className="flex flex-wrap items-center gap-2">
        <bdi title={session.user_agent ?? undefined}>{deviceOf(session.user_agent) ?? t("people.unknown_device")}</bdi>
        {session.is_current ? <Badge tone="ok">{t("people.this_session")}</Badge> : null}
      </p>
      <p className="text-faint text-xs">
        {t("people.session_used", { when: format.ago(session.last_used_at) })}
        {session.address ? (
          <>
            {" · "}
            <bdi dir="ltr">{session.address}</bdi>
          </>
        ) : null}
      </p>
    </div>
  );
}
