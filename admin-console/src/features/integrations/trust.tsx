import { ShieldAlert, ShieldCheck } from "lucide-react";
import { useTranslation } from "react-i18next";
import { cn } from "@/lib/cn";
import type { Version } from "./shapes";
import { isolated } from "./words";

/** Who vouches for a version: the operator of this server, a publisher that the company trusts, or nobody. */
export function Trust({ version, className }: { version: Version; className?: string }) {
  const { t } = useTranslation();
  const isSigned = version.key_id !== null;
  const Icon = version.trust === "unsigned" ? ShieldAlert : ShieldCheck;
  const publisher = isolated(version.publisher ?? "");
  const words =
    version.trust === "unsigned"
      ? t("plugins.trust_unsigned")
      : isSigned
        ? t(`plugins.trust_${version.trust}_signed`, { publisher })
        : t("plugins.trust_operator", { publisher });
  return (
    <p className={cn("flex items-start gap-1.5 text-muted", className)}>
      <Icon
        className={cn("mt-0.5 size-4 shrink-0", version.trust === "unsigned" ? "text-warn" : "text-ok")}
        aria-hidden
      />
      <span>{words}</span>
    </p>
  );
}
