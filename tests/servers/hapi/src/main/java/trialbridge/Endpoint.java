package trialbridge;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.IValidationSupport;
import ca.uhn.fhir.jpa.api.config.JpaStorageSettings;
import ca.uhn.fhir.jpa.api.dao.IFhirSystemDao;
import ca.uhn.fhir.jpa.provider.IJpaSystemProvider;
import ca.uhn.fhir.jpa.provider.JpaCapabilityStatementProvider;
import ca.uhn.fhir.jpa.search.DatabaseBackedPagingProvider;
import ca.uhn.fhir.rest.api.EncodingEnum;
import ca.uhn.fhir.rest.server.RestfulServer;
import ca.uhn.fhir.rest.server.interceptor.RequestValidatingInterceptor;
import ca.uhn.fhir.rest.server.provider.ResourceProviderFactory;
import ca.uhn.fhir.rest.server.util.ISearchParamRegistry;
import ca.uhn.fhir.validation.IValidatorModule;
import java.util.List;
import org.springframework.context.ApplicationContext;

/** What answers: every type of resource, transactions and /metadata; behind a token and with validation, where Settings ask for them. */
final class Endpoint {
    private Endpoint() {}

    static RestfulServer of(ApplicationContext beans, Settings settings) {
        RestfulServer server = new RestfulServer(beans.getBean(FhirContext.class));
        server.setDefaultResponseEncoding(EncodingEnum.JSON);
        server.registerProviders(beans.getBean(ResourceProviderFactory.class).createProviders());
        server.registerProvider(beans.getBean(IJpaSystemProvider.class));
        server.setPagingProvider(beans.getBean(DatabaseBackedPagingProvider.class));
        server.setServerConformanceProvider(new JpaCapabilityStatementProvider(
                server,
                beans.getBean(IFhirSystemDao.class),
                beans.getBean(JpaStorageSettings.class),
                beans.getBean(ISearchParamRegistry.class),
                beans.getBean(IValidationSupport.class)));
        if (settings.token() != null) {
            server.registerInterceptor(new TokenGate(settings.token()));
        }
        if (settings.validate()) {
            RequestValidatingInterceptor validation = new RequestValidatingInterceptor();
            validation.setValidatorModules(List.of(beans.getBean(IValidatorModule.class)));
            server.registerInterceptor(validation);
        }
        return server;
    }
}
