package trialbridge;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.hl7.fhir.r5.context.IWorkerContext;
import org.hl7.fhir.r5.elementmodel.Element;
import org.hl7.fhir.r5.elementmodel.JsonParser;
import org.hl7.fhir.r5.model.CanonicalResource;
import org.hl7.fhir.r5.model.CanonicalType;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidatorResourceFetcher;
import org.hl7.fhir.validation.instance.InstanceValidator;

/**
 * Finds for a reference such as Patient/1 an empty Patient: then the validator compares its type with those that the element
 * allows.  Of a reference that leaves the Bundle it says nothing otherwise, not even for a sponsor that is a Patient.
 */
final class TypeStubs implements IValidatorResourceFetcher {
    private static final Pattern LITERAL = Pattern.compile("(?:https?://\\S+/)?([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})");

    @Override
    public Element fetch(IResourceValidator validator, Object appContext, String url) throws IOException {
        IWorkerContext context = ((InstanceValidator) validator).getContext();
        Matcher found = LITERAL.matcher(url);
        if (!found.matches() || !context.getResourceNamesAsSet().contains(found.group(1))) {
            return null;
        }
        String json = "{\"resourceType\":\"%s\",\"id\":\"%s\"}".formatted(found.group(1), found.group(2));
        return new JsonParser(context).parse(new ByteArrayInputStream(json.getBytes(StandardCharsets.UTF_8))).get(0).getElement();
    }

    @Override
    public boolean resolveURL(IResourceValidator validator, Object appContext, String path, String url, String type,
            boolean canonical, List<CanonicalType> targets) {
        return true;
    }

    @Override
    public byte[] fetchRaw(IResourceValidator validator, String url) {
        return null;
    }

    @Override
    public IValidatorResourceFetcher setLocale(Locale locale) {
        return this;
    }

    @Override
    public CanonicalResource fetchCanonicalResource(IResourceValidator validator, Object appContext, String url) {
        return null;
    }

    @Override
    public boolean fetchesCanonicalResource(IResourceValidator validator, String url) {
        return false;
    }

    @Override
    public Set<ResourceVersionInformation> fetchCanonicalResourceVersions(IResourceValidator validator, Object appContext, String url) {
        return Set.of();
    }
}
