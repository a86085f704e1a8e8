import { Link } from "@tanstack/react-router";
import { Fragment } from "react";
import { useTranslation } from "react-i18next";
import { ChevronEnd } from "./icons";

export interface Crumb {
  label: string;
  to: string;
}

/** Where this page stands: the way back up. The page itself is named by its heading, so it is not repeated. */
export function Trail({ crumbs }: { crumbs: Crumb[] }) {
  const { t } = useTranslation();
  return (
    <nav aria-label={t("common.trail")} className="mb-2 flex flex-wrap items-center gap-1 text-muted text-sm">
      {crumbs.map((crumb) => (
        <Fragment key={crumb.to}>
          <Link to={crumb.to} className="max-w-60 truncate rounded hover:text-ink hover:underline">
            {crumb.label}
          </Link>
          <ChevronEnd className="size-3.5 text-faint" />
        </Fragment>
      ))}
    </nav>
  );
}
