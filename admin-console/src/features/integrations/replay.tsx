import { useMutation, useQuery } from "@tanstack/react-query";
import { RotateCcw } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import type { Call } from "./shapes";
import { callQuery, isGone, recordingQuery, replay } from "./work-api";

/** A replay is work for a worker; one that did not come in this time is waited for elsewhere. */
const PATIENCE_MS = 60_000;

/** Makes the recorded call again with what it was answered then, and says whether the same bytes came out. */
export function Replay({ call: known }: { call: Call }) {
  const { t } = useTranslation();
  const format = useFormat();
  /** The replay that was known when another one was asked for. */
  const [before, setBefore] = useState<string | null>();
  const call = useQuery(callQuery(known.id, before)).data ?? known;
  const waits = before !== undefined && call.replayed_at === before;
  const recording = useQuery(recordingQuery(known.id));
  const [isLate, setLate] = useState(false);
  const start = useMutation({
    mutationFn: () => replay(call.id),
    onMutate: () => setLate(false),
    onSuccess: () => setBefore(call.replayed_at),
  });
  useEffect(() => {
    if (!waits) return;
    const timer = setTimeout(() => {
      setBefore(undefined);
      setLate(true);
    }, PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [waits]);
  if (isGone(recording.error) || recording.data?.incomplete) return null;
  return (
    <Card>
      <CardHead title={t("call.replay")} hint={t("call.replay_hint")} />
      <div className="space-y-3 px-5 pb-5" aria-live="polite">
        {start.error ? <ErrorNote error={start.error} /> : null}
        {isLate ? <Note kind="info">{t("call.replay_late")}</Note> : null}
        {call.replayed_at && !waits ? (
          <Note
            kind={call.replay_equal ? "ok" : "warn"}
            title={call.replay_equal ? t("call.replay_equal") : t("call.replay_differs")}
          >
            {call.replay_equal ? null : t("call.replay_differs_hint")}
            <p className="text-muted">{format.instant(call.replayed_at)}</p>
          </Note>
        ) : null}
        <Button busy={start.isPending || waits} onClick={() => start.mutate()}>
          {start.isPending || waits ? null : <RotateCcw aria-hidden />}
          {waits ? t("call.replaying") : t("call.replay_now")}
        </Button>
      </div>
    </Card>
  );
}
