import { useMutation, useQuery } from "@tanstack/react-query";
import { Monitor, Smartphone } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import type { Answer } from "@/api/answer";
import { answerOf, client } from "@/lib/api";
import { deviceOf } from "@/lib/device";
import { useFormat } from "@/lib/format";
import { queryClient } from "@/lib/query";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { ErrorNote, wordsFor } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";

type Session = Answer<"/api/v1/auth/sessions", "get">["data"][number];

/** Where the person is signed in, in whatever company. */
export function Sessions() {
  const { t } = useTranslation();
  const [isAsking, setAsking] = useState(false);
  const { data, error, refetch } = useQuery({
    queryKey: ["sessions"],
    queryFn: async () => (await answerOf(client.GET("/api/v1/auth/sessions"))).data,
  });
  const endOthers = useMutation({
    mutationFn: () => answerOf(client.POST("/api/v1/auth/sessions/end_others", { body: {} })),
    onSuccess: async ({ ended }) => {
      setAsking(false);
      toast(t("account.sessions_ended", { count: ended }));
      await queryClient.invalidateQueries({ queryKey: ["sessions"] });
    },
  });
  const others = data?.filter((session) => !session.is_current) ?? [];
  return (
    <Card className="pb-1">
      <CardHead
        title={t("account.sessions")}
        hint={t("account.sessions_hint")}
        actions={
          others.length > 0 ? <Button onClick={() => setAsking(true)}>{t("account.sessions_end_others")}</Button> : null
        }
      />
      {error ? <ErrorNote error={error} onRetry={() => refetch()} className="mx-5 mb-4" /> : null}
      {data === undefined && !error ? <RowsSkeleton rows={3} /> : null}
      <ul className="divide-y divide-line">
        {data
          ?.toSorted((a, b) => Number(b.is_current) - Number(a.is_current))
          .map((session) => (
            <Row key={session.id} session={session} />
          ))}
      </ul>
      {isAsking ? (
        <Confirm
          open
          danger
          onOpenChange={setAsking}
          title={t("account.sessions_end_others")}
          description={t("account.sessions_end_others_hint")}
          confirm={t("account.sessions_end_confirm")}
          busy={endOthers.isPending}
          error={endOthers.error}
          onConfirm={() => endOthers.mutate()}
        />
      ) : null}
    </Card>
  );
}

function Row({ session }: { session: Session }) {
  const { t } = useTranslation();
  const format = useFormat();
  const { name, isHandheld } = deviceOf(session.user_agent);
  const Icon = isHandheld ? Smartphone : Monitor;
  const end = useMutation({
    mutationFn: () =>
      client.POST("/api/v1/auth/sessions/{id}/end", {
        params: { path: { id: session.id } },
        body: {},
      }),
    onSuccess: async () => {
      toast(t("account.session_ended"));
      await queryClient.invalidateQueries({ queryKey: ["sessions"] });
    },
    onError: (error) => toast(wordsFor(error, t), "bad"),
  });
  return (
    <li className="flex items-center gap-3 px-5 py-3.5">
      <Icon className="size-5 shrink-0 text-faint" aria-hidden />
      <div className="min-w-0 flex-1">
        <p className="flex flex-wrap items-center gap-x-2 gap-y-1 font-medium text-sm">
          <bdi title={session.user_agent ?? undefined}>{name ?? t("account.unknown_device")}</bdi>
          {session.is_current ? <Badge tone="ok">{t("account.session_here")}</Badge> : null}
        </p>
        <p className="mt-0.5 flex flex-wrap gap-x-3 text-muted text-xs">
          <span>{t("account.session_used", { ago: format.ago(session.last_used_at) })}</span>
          <span>{t("account.session_since", { when: format.instant(session.created_at) })}</span>
          {session.address ? (
            <span>
              {t("account.session_from")} <bdi dir="ltr">{session.address}</bdi>
            </span>
          ) : null}
          <bdi>{session.organization.name}</bdi>
        </p>
      </div>
      {session.is_current ? null : (
        <Button size="sm" busy={end.isPending} onClick={() => end.mutate()}>
          {t("account.session_end")}
        </Button>
      )}
    </li>
  );
}
