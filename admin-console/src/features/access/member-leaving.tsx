import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { isProblem } from "@/lib/problem";
import { signOut } from "@/lib/session";
import { Button } from "@/ui/button";
import { Confirm } from "@/ui/confirm";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { toast } from "@/ui/toast";
import { accessChanged, type Member, reinstate, removeMember, suspend } from "./access-api";
import type { Bar } from "./position";
import { SheetPart } from "./sheet-part";

interface MemberLeavingProps {
  member: Member;
  bar: Bar | undefined;
  lastOwner: boolean;
  onGone: () => void;
}

/** Keeping a member out for a while or for good. The last owner stays, and why is said before it is tried. */
export function MemberLeaving({ member, bar, lastOwner, onGone }: MemberLeavingProps) {
  const { t } = useTranslation();
  const can = useCan();
  const [asking, setAsking] = useState<"suspend" | "remove">();
  const yourself = bar === "yourself";
  const suspended = member.status === "suspended";
  const name = member.full_name;
  const letIn = useMutation({
    mutationFn: () => reinstate(member.user_id),
    onSuccess: () => toast(t("people.reinstated", { name })),
  });
  const leave = useMutation({
    mutationFn: (what: "suspend" | "remove") =>
      what === "suspend" ? suspend(member.user_id) : removeMember(member.user_id),
    onSuccess: async (_, what) => {
      setAsking(undefined);
      if (what === "suspend") {
        toast(t("people.suspended", { name }));
      } else if (yourself) {
        await signOut();
        window.location.assign("/sign-in");
      } else {
        onGone();
        toast(t("people.removed", { name }));
        await accessChanged();
      }
    },
  });
  const maySuspend = can("members.update") && !bar;
  const mayRemove = can("members.remove") && bar !== "above";
  if (!maySuspend && !mayRemove) return null;
  const refused = isProblem(leave.error) && leave.error.code === "last_owner";
  return (
    <SheetPart title={yourself ? t("people.leave") : t("people.access")}>
      {lastOwner ? (
        <Note kind="warn" title={t("people.last_owner_title")} className="mb-4">
          {t("people.last_owner_hint")}
        </Note>
      ) : null}
      {letIn.error ? <ErrorNote error={letIn.error} className="mb-4" /> : null}
      <div className="flex flex-wrap gap-2">
        {maySuspend && suspended ? (
          <Button variant="primary" busy={letIn.isPending} onClick={() => letIn.mutate()}>
            {t("people.reinstate")}
          </Button>
        ) : null}
        {maySuspend && !suspended ? (
          <Button disabled={lastOwner} onClick={() => setAsking("suspend")}>
            {t("people.suspend")}
          </Button>
        ) : null}
        {mayRemove ? (
          <Button disabled={lastOwner} className="text-bad" onClick={() => setAsking("remove")}>
            {yourself ? t("people.leave") : t("people.remove")}
          </Button>
        ) : null}
      </div>
      <Confirm
        open={asking !== undefined}
        onOpenChange={(open) => {
          if (!open) {
            setAsking(undefined);
            leave.reset();
          }
        }}
        title={
          asking === "suspend"
            ? t("people.suspend_title", { name })
            : yourself
              ? t("people.leave_title")
              : t("people.remove_title", { name })
        }
        description={t(
          asking === "suspend" ? "people.suspend_hint" : yourself ? "people.leave_hint" : "people.remove_hint",
        )}
        confirm={asking === "suspend" ? t("people.suspend") : yourself ? t("people.leave") : t("people.remove")}
        danger
        busy={leave.isPending}
        error={refused ? undefined : leave.error}
        onConfirm={() => asking && leave.mutate(asking)}
      >
        {refused ? (
          <Note kind="warn" title={t("people.last_owner_title")}>
            {t("people.last_owner_hint")}
          </Note>
        ) : null}
      </Confirm>
    </SheetPart>
  );
}
