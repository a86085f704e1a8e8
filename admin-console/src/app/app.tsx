import { QueryClientProvider } from "@tanstack/react-query";
import { RouterProvider } from "@tanstack/react-router";
import { Direction } from "radix-ui";
import { useEffect } from "react";
import { directionOf, usePreferences } from "@/lib/preferences";
import { queryClient } from "@/lib/query";
import { sessionState, watchSession } from "@/lib/session";
import { Toaster } from "@/ui/toast";
import { router } from "./router";

/** Pages that show nothing of anybody. */
const FOR_GUESTS = /^\/(sign-|forgot-password|reset-password|verify-email|invitation)/;

export function App() {
  const { language } = usePreferences();

  // Whoever is signed out, here or by the server, must not see what the last person saw.
  useEffect(
    () =>
      watchSession(async () => {
        const state = sessionState();
        if (state.status !== "signed-out" || FOR_GUESTS.test(router.state.location.pathname)) return;
        const here = router.state.location.href;
        // Whose session ran out comes back to where they were; who signed out begins anew.
        await router.navigate({ to: "/sign-in", search: state.expired && here !== "/" ? { next: here } : {} });
        queryClient.clear();
      }),
    [],
  );

  return (
    <QueryClientProvider client={queryClient}>
      <Direction.Provider dir={directionOf(language)}>
        <RouterProvider router={router} />
        <Toaster />
      </Direction.Provider>
    </QueryClientProvider>
  );
}
