package trialbridge;

import ca.uhn.fhir.interceptor.api.Hook;
import ca.uhn.fhir.interceptor.api.Interceptor;
import ca.uhn.fhir.interceptor.api.Pointcut;
import ca.uhn.fhir.rest.api.server.RequestDetails;
import ca.uhn.fhir.rest.server.exceptions.AuthenticationException;

/** Refuses, with 401, what does not carry the token; /metadata is open, as on most servers. */
@Interceptor
public final class TokenGate {
    private final String expected;

    TokenGate(String token) {
        this.expected = "Bearer " + token;
    }

    @Hook(Pointcut.SERVER_INCOMING_REQUEST_PRE_HANDLER_SELECTED)
    public void check(RequestDetails request) {
        String given = request.getHeader("Authorization");
        if (!expected.equals(given) && !"metadata".equals(request.getRequestPath())) {
            AuthenticationException refusal =
                    new AuthenticationException(given == null ? "bearer token missing" : "bearer token not accepted");
            refusal.addResponseHeader("WWW-Authenticate", "Bearer realm=\"fhir\"");
            throw refusal;
        }
    }
}
