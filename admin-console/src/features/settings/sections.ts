import {
  Blocks,
  Building2,
  Fingerprint,
  FolderArchive,
  Headset,
  KeyRound,
  type LucideIcon,
  Mail,
  Network,
  Palette,
  ScrollText,
  ShieldCheck,
  Users,
} from "lucide-react";
import { useMemo } from "react";
import { useCan } from "@/lib/account";

/** A page of the settings: shown to whoever holds one of its permissions, to everybody where it names none. */
export interface Section {
  name: keyof typeof import("@/locales/en.json")["settings"]["section"];
  to: string;
  icon: LucideIcon;
  needs?: readonly string[];
}

interface Part {
  name: keyof typeof import("@/locales/en.json")["settings"]["part"];
  sections: readonly Section[];
}

/** In the order in which they are listed. A new page of the settings is a line here and a route. */
const PARTS: readonly Part[] = [
  {
    name: "you",
    sections: [{ name: "appearance", to: "/settings", icon: Palette }],
  },
  {
    name: "company",
    sections: [
      { name: "organization", to: "/settings/organization", icon: Building2, needs: ["organization.read"] },
      { name: "modules", to: "/settings/modules", icon: Blocks, needs: ["organization.read"] },
      { name: "group", to: "/settings/group", icon: Network, needs: ["organization.read"] },
    ],
  },
  {
    name: "access",
    sections: [
      { name: "people", to: "/settings/people", icon: Users, needs: ["members.read"] },
      { name: "roles", to: "/settings/roles", icon: ShieldCheck, needs: ["roles.read"] },
      { name: "sign_in", to: "/settings/sign-in", icon: Fingerprint, needs: ["organization.manage_sign_in"] },
      { name: "api_keys", to: "/settings/api-keys", icon: KeyRound, needs: ["api_keys.manage"] },
      { name: "support", to: "/settings/support", icon: Headset, needs: ["support_access.read"] },
    ],
  },
  {
    name: "records",
    sections: [
      { name: "audit", to: "/settings/audit", icon: ScrollText, needs: ["audit.read"] },
      { name: "mails", to: "/settings/mails", icon: Mail, needs: ["organization.read_mails"] },
      { name: "exports", to: "/settings/exports", icon: FolderArchive, needs: ["organization.export"] },
    ],
  },
];

/** What of the settings this person may open. */
export function useSections(): Part[] {
  const can = useCan();
  return useMemo(
    () =>
      PARTS.map((part) => ({
        ...part,
        sections: part.sections.filter(({ needs }) => !needs || needs.some(can)),
      })).filter((part) => part.sections.length > 0),
    [can],
  );
}
