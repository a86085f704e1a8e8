import { LoaderCircle } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLabels } from "@/lib/labels";
import { toneOf } from "@/resource/kinds/tone";
import { Badge, type Tone } from "@/ui/badge";
import type { Circuit, Outcome, Run, Standing, Task, Version } from "./shapes";

export function StatusBadge({ status }: { status: Standing }) {
  const { t } = useTranslation();
  return (
    <Badge tone={toneOf(status)} dot>
      {t(`plugins.status_${status}`)}
    </Badge>
  );
}

export function RunBadge({ status }: { status: Run["status"] }) {
  const { t } = useTranslation();
  return (
    <Going going={status === "queued" || status === "running"} tone={toneOf(status)}>
      {t(`run.status_${status}`)}
    </Going>
  );
}

const OUTCOMES: Record<Outcome, Tone> = { ok: "ok", failure: "warn", fault: "bad" };
const CIRCUITS: Record<Circuit, Tone> = { closed: "ok", open: "bad", probing: "info" };
const VERSIONS: Record<Version["status"], Tone> = {
  checking: "info",
  ready: "ok",
  refused: "bad",
  withdrawn: "neutral",
};

export function OutcomeBadge({ outcome }: { outcome: Outcome }) {
  return <Choice resource="plugin_calls" field="outcome" value={outcome} tone={OUTCOMES[outcome]} />;
}

export function CircuitBadge({ circuit }: { circuit: Circuit }) {
  return <Choice resource="plugin_handlers" field="circuit" value={circuit} tone={CIRCUITS[circuit]} />;
}

export function TaskBadge({ status }: { status: Task["status"] }) {
  return <Choice resource="plugin_tasks" field="status" value={status} tone={toneOf(status)} />;
}

export function VersionBadge({ status }: { status: Version["status"] }) {
  const labels = useLabels();
  return (
    <Going going={status === "checking"} tone={VERSIONS[status]}>
      {labels.choice("integrations.plugin_versions", "status", status)}
    </Going>
  );
}

interface ChoiceProps {
  resource: string;
  field: string;
  value: string;
  tone: Tone;
}

/** A state whose words the server has. */
function Choice({ resource, field, value, tone }: ChoiceProps) {
  const labels = useLabels();
  return (
    <Badge tone={tone} dot>
      {labels.choice(`integrations.${resource}`, field, value)}
    </Badge>
  );
}

function Going({ going, tone, children }: { going: boolean; tone: Tone; children: string }) {
  return (
    <Badge tone={tone} dot={!going}>
      {going ? <LoaderCircle className="me-1 inline size-3 animate-spin" aria-hidden /> : null}
      {children}
    </Badge>
  );
}
