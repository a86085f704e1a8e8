import { queryOptions, useMutation, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { CircleCheck, Clock, Undo2, X } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useResource } from "@/lib/account";
import { api } from "@/lib/api";
import { cn } from "@/lib/cn";
import { useFormat } from "@/lib/format";
import { randomKey } from "@/lib/id";
import { useLabels } from "@/lib/labels";
import { rowsChanged } from "@/lib/resource-api";
import { toneOf } from "@/resource/kinds/tone";
import { Badge } from "@/ui/badge";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Field, Textarea } from "@/ui/field";
import { PageHead } from "@/ui/page";
import { PageSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";

/** Something that waits for the decision of whoever reads this. */
interface Waiting {
  id: string;
  workflow_instance_id: string;
  instance_number: string;
  subject: string | null;
  template: string;
  step: string | null;
  priority: string;
  is_delegated: boolean;
  requested_by_name: string | null;
  asked_at: string;
  expires_at: string | null;
  is_overdue: boolean;
}

type Decision = "approved" | "rejected" | "returned";

const approvalsQuery = queryOptions({
  queryKey: ["figures", "my_approvals"],
  queryFn: async ({ signal }) => (await api.get<{ data: Waiting[] }>("/workflow/my_approvals", { signal })).data,
});

/** What waits for one's own decision, the most urgent first. */
export function MyApprovals() {
  const { t } = useTranslation();
  const approvals = useQuery(approvalsQuery);
  const [deciding, setDeciding] = useState<{ one: Waiting; decision: Decision }>();
  if (approvals.isPending) return <PageSkeleton />;
  if (approvals.isError) return <ErrorNote error={approvals.error} onRetry={approvals.refetch} />;
  return (
    <>
      <PageHead title={t("nav.approvals")} hint={t("approval.hint")} />
      {approvals.data.length === 0 ? (
        <Card>
          <Empty icon={CircleCheck} title={t("approval.none")}>
            {t("approval.none_hint")}
          </Empty>
        </Card>
      ) : (
        <ul className="grid max-w-4xl gap-3">
          {approvals.data.map((one) => (
            <li key={one.id}>
              <Request one={one} onDecide={(decision) => setDeciding({ one, decision })} />
            </li>
          ))}
        </ul>
      )}
      {deciding ? <DecideDialog {...deciding} onClose={() => setDeciding(undefined)} /> : null}
    </>
  );
}

const nameOf = (one: Waiting) => one.subject ?? `${one.template} ${one.instance_number}`;

function Request({ one, onDecide }: { one: Waiting; onDecide: (decision: Decision) => void }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const instances = useResource("workflow.workflow_instances");
  return (
    <Card className={cn("flex flex-wrap items-center gap-4 p-4", one.is_overdue && "border-bad/50")}>
      <div className="min-w-56 flex-1">
        <p className="flex flex-wrap items-center gap-2">
          {instances ? (
            <Link
              to="/$module/$resource/$id"
              params={{ module: "workflow", resource: "workflow_instances", id: one.workflow_instance_id }}
              className="font-medium hover:text-accent-text hover:underline"
            >
              <bdi>{nameOf(one)}</bdi>
            </Link>
          ) : (
            <bdi className="font-medium">{nameOf(one)}</bdi>
          )}
          <Badge tone={toneOf(one.priority)}>
            {labels.choice("workflow.workflow_instances", "priority", one.priority)}
          </Badge>
          {one.is_delegated ? <Badge tone="info">{t("approval.delegated")}</Badge> : null}
        </p>
        <p className="mt-0.5 text-muted text-sm">
          <bdi>{one.template}</bdi>
          {one.step ? (
            <>
              {" · "}
              <bdi>{one.step}</bdi>
            </>
          ) : null}
          {one.requested_by_name ? (
            <>
              {" · "}
              <bdi>{one.requested_by_name}</bdi>
            </>
          ) : null}
        </p>
        <p className={cn("mt-1 flex items-center gap-1.5 text-xs", one.is_overdue ? "text-bad" : "text-faint")}>
          <Clock className="size-3.5" aria-hidden />
          {t("approval.asked", { when: format.ago(one.asked_at) })}
          {one.expires_at ? (
            <>
              {" · "}
              {t(one.is_overdue ? "approval.was_due" : "approval.due", { when: format.instant(one.expires_at) })}
            </>
          ) : null}
        </p>
      </div>
      <div className="flex flex-wrap gap-2">
        <Button variant="ghost" onClick={() => onDecide("returned")}>
          <Undo2 aria-hidden className="rtl:-scale-x-100" />
          {t("approval.returned")}
        </Button>
        <Button onClick={() => onDecide("rejected")} className="text-bad">
          <X aria-hidden />
          {t("approval.rejected")}
        </Button>
        <Button variant="primary" onClick={() => onDecide("approved")}>
          <CircleCheck aria-hidden />
          {t("approval.approved")}
        </Button>
      </div>
    </Card>
  );
}

function DecideDialog({ one, decision, onClose }: { one: Waiting; decision: Decision; onClose: () => void }) {
  const { t } = useTranslation();
  const [comments, setComments] = useState("");
  const decide = useMutation({
    mutationFn: () =>
      api.post(`/workflow/approval_requests/${one.id}/decide`, {
        body: { decision, ...(comments.trim() ? { comments: comments.trim() } : {}) },
        headers: { "Idempotency-Key": randomKey() },
      }),
    onSuccess: async () => {
      toast(t("action.done", { action: t(`approval.${decision}`) }));
      onClose();
      await rowsChanged();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t(`approval.${decision}`)}
      description={nameOf(one)}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button
            variant={decision === "rejected" ? "danger" : "primary"}
            busy={decide.isPending}
            onClick={() => decide.mutate()}
          >
            {t(`approval.${decision}`)}
          </Button>
        </>
      }
    >
      {decide.error ? <ErrorNote error={decide.error} className="mb-3" /> : null}
      <Field id="comments" label={t("approval.comments")}>
        <Textarea
          id="comments"
          dir="auto"
          maxLength={2000}
          value={comments}
          onChange={(event) => setComments(event.target.value)}
        />
      </Field>
    </Dialog>
  );
}
