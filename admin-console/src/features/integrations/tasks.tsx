import { useInfiniteQuery, useMutation } from "@tanstack/react-query";
import { CircleCheck, RotateCcw, Trash2 } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { useLabels } from "@/lib/labels";
import { Button } from "@/ui/button";
import { Card } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import type { Task } from "./shapes";
import { TaskBadge } from "./status-badge";
import { useHandlerWords } from "./words";
import { discard, resend, type TaskFilter, tasksQuery } from "./work-api";

interface TasksProps {
  filter: TaskFilter;
  /** Says whose they are, where they are of several plugins. */
  nameOf?: (plugin: string) => string;
}

/** Work for plugins that nobody could do, or that waits: tried again or let go by hand. */
export function Tasks({ filter, nameOf }: TasksProps) {
  const { t } = useTranslation();
  const tasks = useInfiniteQuery(tasksQuery(filter));
  const rows = tasks.data?.pages.flatMap((page) => page.data) ?? [];
  const isDead = filter.status === "dead";
  if (tasks.isPending) return <RowsSkeleton />;
  if (tasks.isError) return <ErrorNote error={tasks.error} onRetry={tasks.refetch} />;
  if (rows.length === 0) {
    return (
      <Card>
        <Empty icon={CircleCheck} title={isDead ? t("task.no_dead") : t("task.no_waiting")}>
          {isDead ? t("task.no_dead_hint") : null}
        </Empty>
      </Card>
    );
  }
  return (
    <Card>
      <p className="border-line border-b px-5 py-3 text-muted text-sm">
        {isDead ? t("task.dead_hint") : t("task.waiting_hint")}
      </p>
      <ul className="divide-y divide-line">
        {rows.map((task) => (
          <TaskRow key={task.id} task={task} plugin={nameOf?.(task.plugin)} />
        ))}
      </ul>
      {tasks.hasNextPage ? (
        <Button className="m-4" busy={tasks.isFetchingNextPage} onClick={() => tasks.fetchNextPage()}>
          {t("common.more")}
        </Button>
      ) : null}
    </Card>
  );
}

function TaskRow({ task, plugin }: { task: Task; plugin: string | undefined }) {
  const { t } = useTranslation();
  const format = useFormat();
  const labels = useLabels();
  const wordsOf = useHandlerWords();
  const facts = [
    plugin,
    labels.choice("integrations.plugin_tasks", "origin", task.origin),
    task.attempts > 0 ? t("task.attempts", { count: task.attempts, shown: format.number(task.attempts) }) : undefined,
    task.finished_at
      ? t("task.ended", { when: format.instant(task.finished_at) })
      : task.next_at
        ? t("plugins.next", { when: format.ago(task.next_at) })
        : t("task.waits_for_plugin"),
  ].filter(Boolean);
  return (
    <li className="flex flex-wrap items-start justify-between gap-x-4 gap-y-3 px-5 py-3.5">
      <div className="min-w-0 flex-1 basis-72">
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <TaskBadge status={task.status} />
          <span className="font-medium text-sm">{wordsOf(task.handler)}</span>
          {task.subject ? (
            <bdi dir="auto" className="break-all text-muted text-sm">
              {task.subject}
            </bdi>
          ) : null}
        </p>
        <p className="mt-1 text-muted text-sm">{facts.join(" · ")}</p>
        {task.problem_code ? (
          <p className="mt-1 text-bad text-sm">{labels.problem(task.problem_code) ?? task.problem_code}</p>
        ) : null}
        {task.problem_detail ? (
          <span className="mt-0.5 block break-words text-faint text-xs">
            <bdi dir="auto">{task.problem_detail}</bdi>
          </span>
        ) : null}
      </div>
      <TaskActions task={task} />
    </li>
  );
}

function TaskActions({ task }: { task: Task }) {
  const { t } = useTranslation();
  const can = useCan();
  const [asking, setAsking] = useState(false);
  const again = useMutation({ mutationFn: () => resend(task.id), onSuccess: () => toast(t("task.resent")) });
  const drop = useMutation({
    mutationFn: () => discard(task.id),
    onSuccess: () => {
      toast(t("task.discarded"));
      setAsking(false);
    },
  });
  return (
    <div className="min-w-0">
      <div className="flex items-center gap-2">
        {task.status === "dead" && can("plugin_tasks.resend") ? (
          <Button size="sm" busy={again.isPending} onClick={() => again.mutate()}>
            {again.isPending ? null : <RotateCcw aria-hidden />}
            {t("task.resend")}
          </Button>
        ) : null}
        {can("plugin_tasks.discard") ? (
          <Button size="sm" variant="ghost" onClick={() => setAsking(true)}>
            <Trash2 aria-hidden />
            {t("task.discard")}
          </Button>
        ) : null}
      </div>
      {again.error ? <ErrorNote error={again.error} className="mt-2 max-w-sm" /> : null}
      <Confirm
        open={asking}
        onOpenChange={setAsking}
        title={t("task.discard_title")}
        description={t("task.discard_hint")}
        confirm={t("task.discard")}
        danger
        busy={drop.isPending}
        error={drop.error}
        onConfirm={() => drop.mutate()}
      />
    </div>
  );
}
