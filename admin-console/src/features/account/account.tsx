import { useLocation, useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { PageHead } from "@/ui/page";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Profile } from "./profile";
import { Security } from "./security";
import { Sessions } from "./sessions";

const TABS = ["profile", "security", "sessions"] as const;
type Tab = (typeof TABS)[number];

/** What belongs to the person and not to a company: who one is, how one signs in, and where one is signed in. */
export function Account() {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const { tab } = useLocation().search as { tab?: string };
  const shown = TABS.find((one) => one === tab) ?? "profile";
  return (
    <div className="max-w-4xl">
      <PageHead title={t("account.title")} hint={t("account.hint")} />
      <Tabs
        label={t("account.title")}
        value={shown}
        onChange={(next) => navigate({ to: "/account", search: next === "profile" ? {} : { tab: next } })}
        tabs={TABS.map((one: Tab) => ({ value: one, label: t(`account.tab.${one}`) }))}
      >
        <TabPanel value="profile">
          <Profile />
        </TabPanel>
        <TabPanel value="security">
          <Security />
        </TabPanel>
        <TabPanel value="sessions">
          <Sessions />
        </TabPanel>
      </Tabs>
    </div>
  );
}
