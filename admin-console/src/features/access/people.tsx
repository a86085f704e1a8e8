import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { UserPlus } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/page";
import { TabPanel, Tabs } from "@/ui/tabs";
import { accessQueries } from "./access-api";
import { Guarded } from "./guarded";
import { Invitations } from "./invitations";
import { InviteDialog } from "./invite-dialog";
import { MemberSheet } from "./member-sheet";
import { Members } from "./members";

/** The people of the organization, and those who are to come. */
export function People() {
  return (
    <Guarded needs="members.read">
      <PeoplePage />
    </Guarded>
  );
}

function PeoplePage() {
  const { t } = useTranslation();
  const format = useFormat();
  const can = useCan();
  const navigate = useNavigate();
  const search = useLocation().search as Record<string, string>;
  const { tab = "members", member } = search;
  const [inviting, setInviting] = useState(false);
  const members = useQuery(accessQueries.members);
  const invitations = useQuery(accessQueries.invitations);
  const open = invitations.data?.filter((one) => one.state === "open").length;
  const show = (next: Record<string, string | undefined>) =>
    navigate({ to: ".", search: { ...search, ...next }, replace: true });
  return (
    <>
      <PageHead
        title={t("people.title")}
        hint={t("people.hint")}
        actions={
          can("members.create") ? (
            <Button variant="primary" onClick={() => setInviting(true)}>
              <UserPlus aria-hidden />
              {t("people.invite")}
            </Button>
          ) : null
        }
      />
      <Tabs
        value={tab}
        onChange={(next) => navigate({ to: ".", search: { tab: next }, replace: true })}
        label={t("people.title")}
        tabs={[
          {
            value: "members",
            label: t("people.tab_members"),
            ...(members.data ? { count: format.number(members.data.length) } : {}),
          },
          {
            value: "invitations",
            label: t("people.tab_invitations"),
            ...(open ? { count: format.number(open) } : {}),
          },
        ]}
      >
        <TabPanel value="members">
          <Members search={search} onSearch={show} onOpen={(id) => show({ member: id })} />
        </TabPanel>
        <TabPanel value="invitations">
          <Invitations
            state={search.state}
            onState={(state) => show({ state })}
            onInvite={can("members.create") ? () => setInviting(true) : undefined}
          />
        </TabPanel>
      </Tabs>
      {member ? <MemberSheet id={member} onClose={() => show({ member: undefined })} /> : null}
      {inviting ? (
        <InviteDialog
          onClose={() => setInviting(false)}
          onDone={() => {
            setInviting(false);
            void navigate({ to: ".", search: { tab: "invitations" }, replace: true });
          }}
        />
      ) : null}
    </>
  );
}
