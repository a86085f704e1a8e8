import { useQuery } from "@tanstack/react-query";
import { useLocation, useNavigate } from "@tanstack/react-router";
import { FileUp } from "lucide-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useCan } from "@/lib/account";
import { useFormat } from "@/lib/format";
import { inLanguage } from "@/lib/localized";
import { usePreferences } from "@/lib/preferences";
import { Button } from "@/ui/button";
import { PageHead } from "@/ui/page";
import { TabPanel, Tabs } from "@/ui/tabs";
import { Offers } from "./offers";
import { Packages } from "./packages";
import { catalogueOfPlugins } from "./plugin-api";
import { Publishers } from "./publishers";
import { Tasks } from "./tasks";
import { Upload } from "./upload";
import { taskCountQuery } from "./work-api";

/** Plugins of the company: what there is, what was uploaded and by whom it must be signed, and what failed. */
export function Plugins() {
  const { t } = useTranslation();
  const format = useFormat();
  const { language } = usePreferences();
  const can = useCan();
  const navigate = useNavigate();
  const search = useLocation().search as Record<string, string>;
  const [uploading, setUploading] = useState(false);
  const catalogue = useQuery(catalogueOfPlugins);
  const dead = useQuery({ ...taskCountQuery({ status: "dead" }), enabled: can("plugin_tasks.read") });
  const goTo = (tab: string) => navigate({ to: ".", search: { tab }, replace: true });
  const nameOf = (name: string) =>
    inLanguage(catalogue.data?.find((entry) => entry.name === name)?.title, language) || name;
  const tabs = [
    { value: "offers", label: t("plugins.tab_offers") },
    ...(can("plugin_versions.read") ? [{ value: "packages", label: t("package.title") }] : []),
    ...(can("plugin_keys.read") ? [{ value: "publishers", label: t("package.publishers") }] : []),
    ...(can("plugin_tasks.read")
      ? [
          {
            value: "failed",
            label: t("plugins.tab_failed"),
            ...(dead.data ? { count: format.number(dead.data) } : {}),
          },
        ]
      : []),
  ];
  const asked = search.tab ?? "offers";
  const tab = tabs.some((one) => one.value === asked) ? asked : "offers";
  return (
    <>
      <PageHead
        title={t("plugins.title")}
        hint={t("plugins.hint")}
        actions={
          can("plugins.manage") ? (
            <Button onClick={() => setUploading(true)}>
              <FileUp aria-hidden />
              {t("package.upload")}
            </Button>
          ) : null
        }
      />
      <Tabs value={tab} onChange={goTo} label={t("plugins.title")} tabs={tabs}>
        <TabPanel value="offers">
          <Offers />
        </TabPanel>
        <TabPanel value="packages">
          <Packages />
        </TabPanel>
        <TabPanel value="publishers">
          <Publishers />
        </TabPanel>
        <TabPanel value="failed">
          <Tasks filter={{ status: "dead" }} nameOf={nameOf} />
        </TabPanel>
      </Tabs>
      {uploading ? (
        <Upload
          onClose={() => setUploading(false)}
          onPublishers={() => {
            setUploading(false);
            void goTo("publishers");
          }}
        />
      ) : null}
    </>
  );
}
