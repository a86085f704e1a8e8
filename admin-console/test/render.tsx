import { QueryClientProvider } from "@tanstack/react-query";
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import { type ReactNode, Suspense } from "react";
import { descriptionQuery, meQuery } from "@/lib/account";
import { catalogueQuery } from "@/lib/labels";
import { queryClient } from "@/lib/query";

/** Draws one piece of a page as the console would: with its data layer, its routes and its words. */
export async function renderPage(children: ReactNode) {
  await Promise.all([
    queryClient.ensureQueryData(meQuery),
    queryClient.ensureQueryData(descriptionQuery),
    queryClient.ensureQueryData(catalogueQuery("en")),
  ]);
  const root = createRootRoute({ component: Outlet });
  const page = createRoute({
    getParentRoute: () => root,
    path: "/",
    component: () => <div data-testid="page">{children}</div>,
  });
  // Wherever a link leads is only told by its address.
  const elsewhere = createRoute({
    getParentRoute: () => root,
    path: "/$",
    component: () => <p>{"elsewhere"}</p>,
  });
  const router = createRouter({
    routeTree: root.addChildren([page, elsewhere]),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  render(
    <QueryClientProvider client={queryClient}>
      <Suspense>
        {/* biome-ignore lint/suspicious/noExplicitAny: the test's few routes are not the console's registered ones */}
        <RouterProvider router={router as any} />
      </Suspense>
    </QueryClientProvider>,
  );
  await screen.findByTestId("page");
  return router;
}
