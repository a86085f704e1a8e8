import { useMutation } from "@tanstack/react-query";
import { Network } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/lib/format";
import { Problem } from "@/lib/problem";
import { Button } from "@/ui/button";
import { Card, CardHead } from "@/ui/card";
import { Confirm } from "@/ui/confirm";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { describedBy, Field, Input, Select } from "@/ui/field";
import { Note } from "@/ui/note";
import { Table, Td, Th } from "@/ui/table";
import { toast } from "@/ui/toast";
import { joinGroup, leaveGroup, letLookIn, letLookInNoMore, type Parent } from "./group-api";

type Asking = "join" | "grant" | "revoke" | "leave";

/** The organization above: what it may see, who of it looked in, and the ways to end that. */
export function GroupParent({ parent, mayManage }: { parent: Parent; mayManage: boolean }) {
  const { t } = useTranslation();
  const format = useFormat();
  const [asking, setAsking] = useState<Asking>();
  const close = () => setAsking(undefined);
  const name = parent.name ?? "";
  const revoke = useMutation({
    mutationFn: letLookInNoMore,
    onSuccess: () => {
      toast(t("family.revoked", { name }));
      close();
    },
  });
  const leave = useMutation({
    mutationFn: leaveGroup,
    onSuccess: () => {
      toast(t("family.left"));
      close();
    },
  });
  return (
    <Card>
      <CardHead
        title={parent.name ? <bdi>{parent.name}</bdi> : t("family.parent")}
        hint={parent.linked_at ? t("family.linked", { when: format.date(parent.linked_at) }) : null}
        actions={
          mayManage && parent.id ? (
            <Button variant="ghost" size="sm" className="text-bad" onClick={() => setAsking("leave")}>
              {t("family.leave")}
            </Button>
          ) : null
        }
      />
      {parent.id ? (
        <div className="px-5 pb-5">
          <Note
            kind={parent.view ? "warn" : "ok"}
            title={
              parent.view
                ? t("family.view_until", { name, when: format.instant(parent.view.ends_at) })
                : t("family.view_none", { name })
            }
          >
            {parent.view
              ? t("family.view_by", { who: parent.view.granted_by_name, when: format.instant(parent.view.created_at) })
              : null}
          </Note>
          {mayManage ? (
            <div className="mt-3 flex flex-wrap gap-2">
              <Button onClick={() => setAsking("grant")}>
                {t(parent.view ? "family.grant_more" : "family.grant")}
              </Button>
              {parent.view ? (
                <Button variant="danger" onClick={() => setAsking("revoke")}>
                  {t("family.revoke")}
                </Button>
              ) : null}
            </div>
          ) : null}
          <Visitors parent={parent} />
        </div>
      ) : (
        <Empty
          icon={Network}
          title={t("family.no_parent")}
          className="py-8"
          actions={mayManage ? <Button onClick={() => setAsking("join")}>{t("family.join")}</Button> : null}
        >
          {mayManage ? t("family.no_parent_hint") : null}
        </Empty>
      )}
      {asking === "join" ? <JoinDialog onClose={close} /> : null}
      {asking === "grant" ? <GrantDialog name={name} onClose={close} /> : null}
      <Confirm
        open={asking === "revoke"}
        onOpenChange={close}
        title={t("family.revoke_title", { name })}
        description={t("family.revoke_hint")}
        confirm={t("family.revoke")}
        danger
        busy={revoke.isPending}
        error={revoke.error}
        onConfirm={() => revoke.mutate()}
      />
      <Confirm
        open={asking === "leave"}
        onOpenChange={close}
        title={t("family.leave_title", { name })}
        description={t("family.leave_hint")}
        confirm={t("family.leave")}
        danger
        busy={leave.isPending}
        error={leave.error}
        onConfirm={() => leave.mutate()}
      />
    </Card>
  );
}

function Visitors({ parent }: { parent: Parent }) {
  const { t } = useTranslation();
  const format = useFormat();
  return (
    <section className="mt-6">
      <h3 className="mb-2 font-medium text-sm">{t("family.visitors")}</h3>
      {parent.visitors.length === 0 ? (
        <p className="text-muted text-sm">{t("family.visitors_none")}</p>
      ) : (
        <div className="-mx-5">
          <Table>
            <thead>
              <tr>
                <Th className="px-5 text-start">{t("family.visitor")}</Th>
                <Th className="text-start max-sm:hidden">{t("family.email")}</Th>
                <Th className="text-start">{t("family.at")}</Th>
              </tr>
            </thead>
            <tbody>
              {parent.visitors.map((visitor) => (
                <tr key={visitor.user_id}>
                  <Td className="px-5">
                    <bdi>{visitor.full_name}</bdi>
                  </Td>
                  <Td className="max-sm:hidden">
                    <bdi dir="ltr">{visitor.email}</bdi>
                  </Td>
                  <Td className="whitespace-nowrap">{format.instant(visitor.at)}</Td>
                </tr>
              ))}
            </tbody>
          </Table>
        </div>
      )}
    </section>
  );
}

function JoinDialog({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState("");
  const join = useMutation({
    mutationFn: () => joinGroup(code),
    onSuccess: (parent) => {
      toast(t("family.joined", { name: parent.name ?? "" }));
      onClose();
    },
  });
  const refused = join.error instanceof Problem ? join.error.errors.find((one) => one.field === "code") : undefined;
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("family.join_title")}
      description={t("family.join_hint")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button type="submit" form="join-group" variant="primary" busy={join.isPending} disabled={!code.trim()}>
            {t("family.join")}
          </Button>
        </>
      }
    >
      <form
        id="join-group"
        onSubmit={(event) => {
          event.preventDefault();
          join.mutate();
        }}
      >
        {join.error && !refused ? <ErrorNote error={join.error} className="mb-4" /> : null}
        <Field id="group-code" label={t("family.code")} error={refused?.message}>
          <Input
            id="group-code"
            dir="ltr"
            autoComplete="off"
            spellCheck={false}
            className="font-mono"
            value={code}
            aria-invalid={refused ? true : undefined}
            aria-describedby={describedBy("group-code", undefined, refused)}
            onChange={(event) => setCode(event.target.value)}
          />
        </Field>
      </form>
    </Dialog>
  );
}

const DAYS = [1, 7, 30, 90, 180, 365];

function GrantDialog({ name, onClose }: { name: string; onClose: () => void }) {
  const { t } = useTranslation();
  const [days, setDays] = useState(30);
  const grant = useMutation({
    mutationFn: () => letLookIn(days),
    onSuccess: () => {
      toast(t("family.granted", { name }));
      onClose();
    },
  });
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={t("family.grant_title", { name })}
      description={t("family.grant_hint")}
      footer={
        <>
          <Button onClick={onClose}>{t("common.cancel")}</Button>
          <Button variant="primary" busy={grant.isPending} onClick={() => grant.mutate()}>
            {t("family.grant")}
          </Button>
        </>
      }
    >
      {grant.error ? <ErrorNote error={grant.error} className="mb-4" /> : null}
      <Field id="grant-days" label={t("family.days")}>
        <Select id="grant-days" value={String(days)} onChange={(event) => setDays(Number(event.target.value))}>
          {DAYS.map((count) => (
            <option key={count} value={count}>
              {t("family.for_days", { count })}
            </option>
          ))}
        </Select>
      </Field>
    </Dialog>
  );
}
