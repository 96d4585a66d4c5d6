package trialbridge;

import java.nio.file.Path;

/**
 * What the environment asks for; a variable that is empty counts as absent.
 *
 * @param release RELEASE: r4 or r5
 * @param ready READY: the file that receives the base URL when the server answers
 * @param token TOKEN: the bearer token that every request but /metadata must carry
 * @param validate VALIDATE=1: resources with errors are refused, with 422
 * @param maxBundle MAX_BUNDLE: transactions of more entries are refused, with 413
 * @param searchCache SEARCH_CACHE_MS: for how many milliseconds a search is answered as it was before; 60000 is what HAPI itself
 *     does, without it every search is fresh
 */
record Settings(String release, Path ready, String token, boolean validate, Integer maxBundle, Long searchCache) {
    static Settings ofEnvironment() {
        String maxBundle = variable("MAX_BUNDLE");
        String searchCache = variable("SEARCH_CACHE_MS");
        return new Settings(
                variable("RELEASE"),
                Path.of(variable("READY")),
                variable("TOKEN"),
                variable("VALIDATE") != null,
                maxBundle == null ? null : Integer.valueOf(maxBundle),
                searchCache == null ? null : Long.valueOf(searchCache));
    }

    private static String variable(String name) {
        String value = System.getenv(name);
        return value == null || value.isEmpty() ? null : value;
    }
}
