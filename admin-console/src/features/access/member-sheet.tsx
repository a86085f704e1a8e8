import { useMutation, useQuery } from "@tanstack/react-query";
import { UserX } from "lucide-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan, useMe } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { Dialog } from "@/ui/dialog";
import { Empty } from "@/ui/empty";
import { ErrorNote } from "@/ui/error-note";
import { Note } from "@/ui/note";
import { RowsSkeleton } from "@/ui/skeleton";
import { toast } from "@/ui/toast";
import { accessChanged, accessQueries, type Member, setPosition } from "./access-api";
import { MemberLeaving } from "./member-leaving";
import { MemberSessions } from "./member-sessions";
import { Status } from "./members";
import { placesOf } from "./permissions";
import { barOf, isLastOwner, samePosition } from "./position";
import { PositionFields } from "./position-fields";
import { PositionBadges } from "./role-names";
import { SheetPart } from "./sheet-part";

/** One member beside the list: what he is, where he is signed in, and how he is kept out. */
export function MemberSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { t } = useTranslation();
  const members = useQuery(accessQueries.members);
  const member = members.data?.find((one) => one.user_id === id);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      sheet
      title={member ? <bdi>{member.full_name}</bdi> : t("people.title")}
      {...(member ? { description: <bdi>{member.email}</bdi> } : {})}
    >
      {members.isPending ? <RowsSkeleton /> : null}
      {members.isError ? <ErrorNote error={members.error} onRetry={members.refetch} /> : null}
      {members.data && !member ? <Empty icon={UserX} title={t("errors.not_found")} /> : null}
      {member ? <Facts key={id} member={member} members={members.data ?? []} onClose={onClose} /> : null}
    </Dialog>
  );
}

interface FactsProps {
  member: Member;
  members: Member[];
  onClose: () => void;
}

function Facts({ member, members, onClose }: FactsProps) {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const me = useMe();
  const roles = useQuery({ ...accessQueries.roles, enabled: can("roles.read") });
  const permissions = useQuery({ ...accessQueries.permissions, enabled: can("roles.read") });
  const places = useMemo(() => (permissions.data ? placesOf(permissions.data) : undefined), [permissions.data]);
  const bar = barOf(me, member, roles.data ?? [], places);
  const lastOwner = isLastOwner(member, members);
  return (
    <>
      <SheetPart title={t("people.about")}>
        <dl className="grid grid-cols-[minmax(6rem,max-content)_1fr] items-center gap-x-5 gap-y-2.5 text-sm">
          <dt className="text-muted">{t("people.status_label")}</dt>
          <dd>
            <Status status={member.status} />
          </dd>
          <dt className="text-muted">{t("people.role")}</dt>
          <dd>
            <PositionBadges position={member} />
          </dd>
          <dt className="text-muted">{t("people.since")}</dt>
          <dd>{format.instant(member.created_at)}</dd>
        </dl>
      </SheetPart>
      {can("members.update") ? (
        <SheetPart title={t("people.change_role")}>
          {bar ? (
            <Note>{t(`people.bar.${bar}`)}</Note>
          ) : (
            <PositionForm key={`${member.membership} ${member.roles}`} member={member} lastOwner={lastOwner} />
          )}
        </SheetPart>
      ) : null}
      {can("members.end_sessions") ? (
        <SheetPart title={t("people.sessions")}>
          <MemberSessions userId={member.user_id} mayEnd={bar !== "above"} />
        </SheetPart>
      ) : null}
      <MemberLeaving member={member} bar={bar} lastOwner={lastOwner} onGone={onClose} />
    </>
  );
}

function PositionForm({ member, lastOwner }: { member: Member; lastOwner: boolean }) {
  const { t } = useTranslation();
  const [position, setDraft] = useState({ membership: member.membership, roles: member.roles });
  const save = useMutation({
    mutationFn: () => setPosition(member.user_id, position),
    onSuccess: async () => {
      toast(t("people.role_changed", { name: member.full_name }));
      await accessChanged();
    },
  });
  const same = samePosition(position, member);
  const losesOwner = lastOwner && position.membership !== "owner";
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <PositionFields value={position} onChange={setDraft} />
      {losesOwner ? (
        <Note kind="warn" title={t("people.last_owner_title")} className="mt-4">
          {t("people.last_owner_hint")}
        </Note>
      ) : null}
      {save.error ? <ErrorNote error={save.error} className="mt-4" /> : null}
      <div className="mt-4 flex flex-wrap justify-end gap-2">
        {same ? null : (
          <Button onClick={() => setDraft({ membership: member.membership, roles: member.roles })}>
            {t("roles.discard")}
          </Button>
        )}
        <Button type="submit" variant="primary" busy={save.isPending} disabled={same || losesOwner}>
          {t("people.save_role")}
        </Button>
      </div>
    </form>
  );
}
