import { useNavigate } from "@tanstack/react-router";
import { LogOut, UserRound } from "lucide-react";
import { useTranslation } from "react-i18next";
import { useLabels } from "@/lib/labels";
import { signOut, useSession } from "@/lib/session";
import { Badge } from "@/ui/badge";
import { Menu, MenuItem, MenuLine } from "./later-menu";

export function ProfileMenu() {
  const { t } = useTranslation();
  const labels = useLabels();
  const navigate = useNavigate();
  const { user, membership, roles } = useSession();
  const initials = user.full_name
    .split(/\s+/)
    .slice(0, 2)
    .map((part) => part.charAt(0))
    .join("")
    .toUpperCase();
  return (
    <Menu
      className="w-64"
      trigger={
        <button
          type="button"
          aria-label={t("profile.menu")}
          className="grid size-9 place-items-center rounded-full bg-accent-soft font-semibold text-accent-text text-sm hover:ring-2 hover:ring-accent/30"
        >
          <span aria-hidden="true">{initials}</span>
        </button>
      }
    >
      <div className="px-2.5 pt-2 pb-1.5">
        <p className="truncate font-medium text-sm">
          <bdi>{user.full_name}</bdi>
        </p>
        <p className="truncate text-muted text-sm">
          <bdi>{user.email}</bdi>
        </p>
        <p className="mt-2 flex flex-wrap gap-1">
          {[...new Set([membership, ...roles])].map((role) => (
            <Badge key={role}>{labels.role(role)}</Badge>
          ))}
        </p>
      </div>
      <MenuLine />
      <MenuItem onSelect={() => navigate({ to: "/account" })}>
        <UserRound aria-hidden />
        {t("profile.account")}
      </MenuItem>
      <MenuItem onSelect={() => signOut()}>
        <LogOut aria-hidden className="rtl:-scale-x-100" />
        {t("profile.sign_out")}
      </MenuItem>
    </Menu>
  );
}
