import { type UseMutationOptions, useMutation } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { queryClient } from "@/lib/query";
import { wordsFor } from "@/ui/error-note";
import { toast } from "@/ui/toast";

/** Changes what a person signs in with; the lists of it, and of sessions that it ends, are asked for anew. */
export function useFactorChange<In, Out>({ onSuccess, ...options }: UseMutationOptions<Out, Error, In>) {
  const { t } = useTranslation();
  return useMutation<Out, Error, In>({
    onError: (error) => toast(wordsFor(error, t), "bad"),
    ...options,
    onSuccess: async (...done) => {
      await Promise.all(["factors", "sessions"].map((key) => queryClient.invalidateQueries({ queryKey: [key] })));
      await onSuccess?.(...done);
    },
  });
}
