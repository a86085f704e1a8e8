import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  Outlet,
  redirect,
} from "@tanstack/react-router";
import { descriptionQuery, meQuery } from "@/lib/account";
import { laterWords } from "@/lib/i18n";
import { inside } from "@/lib/inside";
import { catalogueQuery } from "@/lib/labels";
import { currentPreferences } from "@/lib/preferences";
import { queryClient } from "@/lib/query";
import { sessionReady } from "@/lib/session";
import { ownRowPage } from "@/resource/own-rows";
import { PageSkeleton } from "@/ui/skeleton";
import { FailedPage, MissingPage } from "./error-pages";
import { Shell } from "./shell";

type Search = Record<string, string>;

/** Addresses hold plain text: `?status.in=active,repair&sort=-year`, the same as the server's own. */
function parseSearch(text: string): Search {
  return Object.fromEntries(new URLSearchParams(text));
}

function stringifySearch(search: Record<string, unknown>): string {
  const filled = Object.entries(search).filter(([, value]) => value !== undefined && value !== null && value !== "");
  const text = new URLSearchParams(filled.map(([name, value]) => [name, String(value)])).toString();
  return text ? `?${text}` : "";
}

const plain = (search: Record<string, unknown>): Search => search as Search;

const root = createRootRoute({ component: Outlet, notFoundComponent: MissingPage, errorComponent: FailedPage });

const signIn = createRoute({
  getParentRoute: () => root,
  path: "/sign-in",
  validateSearch: plain,
  beforeLoad: onlySignedOut,
  component: lazyRouteComponent(() => import("@/features/auth/sign-in"), "SignIn"),
});

const signUp = createRoute({
  getParentRoute: () => root,
  path: "/sign-up",
  validateSearch: plain,
  beforeLoad: onlySignedOut,
  component: lazyRouteComponent(() => import("@/features/auth/sign-up"), "SignUp"),
});

/** Pages that letters and providers lead to: open to everybody, signed in or not. */
const open = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => root, path, validateSearch: plain, component });

async function onlySignedOut({ search }: { search: Search }) {
  // Signing in must be possible to try even while the server cannot be asked who is there.
  const state = await sessionReady().catch(() => undefined);
  if (state?.status === "signed-in") throw redirect({ href: inside(search.next) });
}

const home = createRoute({
  getParentRoute: () => root,
  id: "signed-in",
  component: Shell,
  beforeLoad: async ({ location }) => {
    const state = await sessionReady();
    if (state.status !== "signed-in") {
      throw redirect({ to: "/sign-in", search: location.href === "/" ? {} : { next: location.href } });
    }
  },
  loader: () =>
    Promise.all([
      queryClient.ensureQueryData(meQuery),
      queryClient.ensureQueryData(descriptionQuery),
      queryClient.ensureQueryData(catalogueQuery(currentPreferences().language)),
    ]),
  pendingComponent: PageSkeleton,
});

const page = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => home, path, validateSearch: plain, component });

/** A page whose words come with it. */
const laterPage = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => home, path, validateSearch: plain, beforeLoad: laterWords, component });

const settings = createRoute({
  getParentRoute: () => home,
  path: "/settings",
  beforeLoad: laterWords,
  component: lazyRouteComponent(() => import("@/features/settings/layout"), "SettingsLayout"),
});

/** A page of the settings: it stands beside the list of them (`features/settings/sections.ts`). */
const settingsPage = <Path extends string>(path: Path, component: ReturnType<typeof lazyRouteComponent>) =>
  createRoute({ getParentRoute: () => settings, path, validateSearch: plain, component });

const account = createRoute({
  getParentRoute: () => home,
  path: "/account",
  validateSearch: plain,
  beforeLoad: laterWords,
  component: lazyRouteComponent(() => import("@/features/account/account"), "Account"),
});

const resourcePages = () => import("./resource-pages");

const routes = root.addChildren([
  signIn,
  signUp,
  open(
    "/sign-in/return",
    lazyRouteComponent(() => import("@/features/auth/provider-return"), "ProviderReturn"),
  ),
  open(
    "/forgot-password",
    lazyRouteComponent(() => import("@/features/auth/forgot-password"), "ForgotPassword"),
  ),
  open(
    "/reset-password",
    lazyRouteComponent(() => import("@/features/auth/reset-password"), "ResetPassword"),
  ),
  open(
    "/verify-email",
    lazyRouteComponent(() => import("@/features/auth/verify-email"), "VerifyEmail"),
  ),
  open(
    "/invitation",
    lazyRouteComponent(() => import("@/features/auth/invitation"), "Invitation"),
  ),
  home.addChildren([
    page(
      "/",
      lazyRouteComponent(() => import("./home"), "Home"),
    ),
    account,
    page(
      "/fleet/fuel-costs",
      lazyRouteComponent(() => import("@/features/fleet/fuel-costs"), "FuelCosts"),
    ),
    page(
      "/fleet/fuel-waiting",
      lazyRouteComponent(() => import("@/features/fleet/fuel-waiting"), "FuelWaiting"),
    ),
    laterPage(
      "/integrations/plugins",
      lazyRouteComponent(() => import("@/features/integrations/plugins"), "Plugins"),
    ),
    laterPage(
      "/integrations/plugins/$name",
      lazyRouteComponent(() => import("@/features/integrations/plugin"), "PluginPage"),
    ),
    laterPage(
      "/integrations/runs/$id",
      lazyRouteComponent(() => import("@/features/integrations/run"), "RunPage"),
    ),
    laterPage(
      "/integrations/calls/$id",
      lazyRouteComponent(() => import("@/features/integrations/call"), "CallPage"),
    ),
    laterPage(
      "/hr/payroll",
      lazyRouteComponent(() => import("@/features/pay/board"), "RunBoard"),
    ),
    laterPage(
      "/hr/pay-rules",
      lazyRouteComponent(() => import("@/features/pay/rules-page"), "RulesPage"),
    ),
    laterPage(
      "/hr/my-pay",
      lazyRouteComponent(() => import("@/features/pay/my-pay"), "MyPay"),
    ),
    laterPage(
      "/hr/payroll/$id",
      lazyRouteComponent(() => import("@/features/pay/run"), "RunPage"),
    ),
    laterPage(
      "/hr/payroll/$id/what-if",
      lazyRouteComponent(() => import("@/features/pay/what-if"), "WhatIfPage"),
    ),
    laterPage(
      "/hr/payslips/$id",
      lazyRouteComponent(() => import("@/features/pay/payslip"), "PayslipPage"),
    ),
    laterPage(
      "/hr/loan/$id",
      lazyRouteComponent(() => import("@/features/loans/loan"), "LoanPage"),
    ),
    laterPage(
      "/hr/attendance-board",
      lazyRouteComponent(() => import("@/features/time/attendance-board"), "AttendanceBoard"),
    ),
    laterPage(
      "/hr/roster",
      lazyRouteComponent(() => import("@/features/time/roster"), "RosterPage"),
    ),
    laterPage(
      "/hr/leave-calendar",
      lazyRouteComponent(() => import("@/features/time/leave-calendar"), "LeaveCalendarPage"),
    ),
    page(
      "/m/$module",
      lazyRouteComponent(() => import("@/features/module/page"), "ModulePage"),
    ),
    settings.addChildren([
      settingsPage(
        "/",
        lazyRouteComponent(() => import("@/features/settings/settings"), "Settings"),
      ),
      settingsPage(
        "/organization",
        lazyRouteComponent(() => import("@/features/settings/organization"), "OrganizationSettings"),
      ),
      settingsPage(
        "/support",
        lazyRouteComponent(() => import("@/features/settings/support-access"), "SupportAccess"),
      ),
      settingsPage(
        "/mails",
        lazyRouteComponent(() => import("@/features/settings/letters"), "LettersPage"),
      ),
      settingsPage(
        "/exports",
        lazyRouteComponent(() => import("@/features/settings/exports"), "ExportsPage"),
      ),
      settingsPage(
        "/audit",
        lazyRouteComponent(() => import("@/features/audit/audit"), "AuditPage"),
      ),
      settingsPage(
        "/modules",
        lazyRouteComponent(() => import("@/features/settings/modules"), "ModuleSettings"),
      ),
      settingsPage(
        "/group",
        lazyRouteComponent(() => import("@/features/settings/group"), "GroupSettings"),
      ),
      settingsPage(
        "/sign-in",
        lazyRouteComponent(() => import("@/features/settings/sign-in-settings"), "SignInSettings"),
      ),
      settingsPage(
        "/people",
        lazyRouteComponent(() => import("@/features/access/people"), "People"),
      ),
      settingsPage(
        "/roles",
        lazyRouteComponent(() => import("@/features/access/roles"), "Roles"),
      ),
      settingsPage(
        "/roles/new",
        lazyRouteComponent(() => import("@/features/access/role-page"), "NewRole"),
      ),
      settingsPage(
        "/roles/$id",
        lazyRouteComponent(() => import("@/features/access/role-page"), "RolePage"),
      ),
      settingsPage(
        "/api-keys",
        lazyRouteComponent(() => import("@/features/access/api-keys"), "ApiKeys"),
      ),
    ]),
    page(
      "/analytics/live",
      lazyRouteComponent(() => import("@/features/analytics/reports"), "Reports"),
    ),
    page(
      "/analytics/live/$report",
      lazyRouteComponent(() => import("@/features/analytics/report"), "ReportPage"),
    ),
    page(
      "/workflow/approvals",
      lazyRouteComponent(() => import("@/features/workflow/approvals"), "MyApprovals"),
    ),
    page(
      "/enter-support",
      lazyRouteComponent(() => import("@/features/settings/enter-support"), "EnterSupport"),
    ),
    page("/$module/$resource", lazyRouteComponent(resourcePages, "ListPage")),
    page("/$module/$resource/new", lazyRouteComponent(resourcePages, "CreatePage")),
    page(
      "/$module/$resource/import",
      lazyRouteComponent(() => import("./import-page"), "ImportPage"),
    ),
    createRoute({
      getParentRoute: () => home,
      path: "/$module/$resource/$id",
      validateSearch: plain,
      beforeLoad: ({ params: { module, resource, id } }) => {
        const own = ownRowPage(module, resource);
        if (own) throw redirect({ to: own, params: { id }, replace: true });
      },
      component: lazyRouteComponent(resourcePages, "DetailPage"),
    }),
    page("/$module/$resource/$id/edit", lazyRouteComponent(resourcePages, "EditPage")),
  ]),
]);

export const router = createRouter({
  routeTree: routes,
  parseSearch,
  stringifySearch,
  defaultPreload: "intent",
  defaultPendingComponent: PageSkeleton,
  defaultErrorComponent: FailedPage,
  defaultNotFoundComponent: MissingPage,
  scrollRestoration: true,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
