package trialbridge;

import ca.uhn.fhir.context.FhirContext;
import ca.uhn.fhir.context.support.DefaultProfileValidationSupport;
import ca.uhn.fhir.context.support.IValidationSupport.IssueSeverity;
import ca.uhn.fhir.parser.IParser;
import ca.uhn.fhir.validation.FhirValidator;
import ca.uhn.fhir.validation.SingleValidationMessage;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.hl7.fhir.common.hapi.validation.support.CommonCodeSystemsTerminologyService;
import org.hl7.fhir.common.hapi.validation.support.InMemoryTerminologyServerValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.PrePopulatedValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.SnapshotGeneratingValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.UnknownCodeSystemWarningValidationSupport;
import org.hl7.fhir.common.hapi.validation.support.ValidationSupportChain;
import org.hl7.fhir.common.hapi.validation.validator.FhirDefaultPolicyAdvisor;
import org.hl7.fhir.common.hapi.validation.validator.FhirInstanceValidator;
import org.hl7.fhir.instance.model.api.IBaseResource;
import org.hl7.fhir.r5.utils.validation.IResourceValidator;
import org.hl7.fhir.r5.utils.validation.IValidationPolicyAdvisor.ReferenceDestinationType;
import org.hl7.fhir.r5.utils.validation.constants.BestPracticeWarningLevel;
import org.hl7.fhir.r5.utils.validation.constants.ReferenceValidationPolicy;

/**
 * Reads resources from standard input, one JSON line each, and says what HAPI's validator says of each: a JSON line
 * {"index", "issues": [{"severity", "path", "message", "id"}]}, in the order in which they are done.
 *
 * <p>Arguments: r4, r4b or r5, and folders whose StructureDefinitions, ValueSets and CodeSystems it shall know.
 */
public final class Main {
    private static final ObjectMapper JSON = new ObjectMapper();
    /** How many lines may wait: when they are more, the thread that reads helps, so input of any length takes little memory. */
    private static final int WAITING = 16;

    public static void main(String[] args) throws Exception {
        FhirContext context = switch (args[0]) {
            case "r4" -> FhirContext.forR4Cached();
            case "r4b" -> FhirContext.forR4BCached();
            case "r5" -> FhirContext.forR5Cached();
            default -> throw new IllegalArgumentException("expected r4, r4b or r5, found " + args[0]);
        };
        FhirValidator validator = validator(context, Arrays.stream(args).skip(1).map(Path::of).toList());
        answer(validator, 0, "{\"resourceType\":\"Basic\"}"); // the release's definitions are loaded once, before there are threads
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        int threads = Runtime.getRuntime().availableProcessors();
        var pool = new ThreadPoolExecutor(threads, threads, 0, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING),
                new ThreadPoolExecutor.CallerRunsPolicy());
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        long lines = 0;
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            long index = lines++;
            String resource = line;
            pool.execute(() -> out.println(answer(validator, index, resource)));
        }
        pool.shutdown();
        pool.awaitTermination(1, TimeUnit.HOURS);
    }

    private static ObjectNode answer(FhirValidator validator, long index, String resource) {
        ObjectNode answer = JSON.createObjectNode().put("index", index);
        ArrayNode issues = answer.putArray("issues");
        try {
            for (SingleValidationMessage found : validator.validateWithResult(resource).getMessages()) {
                issues.addObject()
                        .put("severity", found.getSeverity().getCode())
                        .put("path", found.getLocationString())
                        .put("message", found.getMessage())
                        .put("id", found.getMessageId());
            }
        } catch (RuntimeException e) { // what is no JSON at all, or a fault of the validator itself
            issues.addObject().put("severity", "fatal").put("path", "").put("message", e.toString()).put("id", "exception");
        }
        return answer;
    }

    private static FhirValidator validator(FhirContext context, List<Path> folders) throws IOException {
        var core = new DefaultProfileValidationSupport(context);
        // SNOMED CT, MeSH and others have no content here, and that is no error.
        var unknown = new UnknownCodeSystemWarningValidationSupport(context);
        unknown.setNonExistentCodeSystemSeverity(IssueSeverity.WARNING);
        var module = new FhirInstanceValidator(new ValidationSupportChain(
                ValidationSupportChain.CacheConfiguration.defaultValues(),
                definitions(context, core, folders),
                core,
                new CommonCodeSystemsTerminologyService(context),
                new InMemoryTerminologyServerValidationSupport(context),
                new SnapshotGeneratingValidationSupport(context),
                unknown));
        module.setBestPracticeWarningLevel(BestPracticeWarningLevel.Ignore);
        module.setErrorForUnknownProfiles(false);
        module.setValidatorResourceFetcher(new TypeStubs());
        module.setValidatorPolicyAdvisor(new FhirDefaultPolicyAdvisor() {
            @Override
            public ReferenceValidationPolicy policyForReference(IResourceValidator validator, Object appContext, String path,
                    String url, ReferenceDestinationType destination) {
                return ReferenceValidationPolicy.CHECK_TYPE_IF_EXISTS;
            }
        });
        return context.newValidator()
                .setValidateAgainstStandardSchema(false)
                .setValidateAgainstStandardSchematron(false)
                .registerValidatorModule(module);
    }

    /**
     * What the *.json files in the folders define.  A code system that the release has keeps its address; the other one is
     * known by its version: R5's research-study-status must not make its codes legal for the status of R4.
     */
    private static PrePopulatedValidationSupport definitions(FhirContext context, DefaultProfileValidationSupport core, List<Path> folders)
            throws IOException {
        IParser parser = context.newJsonParser();
        var others = new ArrayList<IBaseResource>();
        var versions = new HashMap<String, IBaseResource>();
        for (Path folder : folders) {
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.filter(path -> path.toString().endsWith(".json")).sorted().toList()) {
                    String text = Files.readString(file);
                    JsonNode tree = JSON.readTree(text);
                    String url = tree.path("url").asText();
                    if (core.fetchCodeSystem(url) == null) {
                        others.add(parser.parseResource(text));
                    } else {
                        versions.put(url + "|" + tree.path("version").asText(), parser.parseResource(text));
                    }
                }
            }
        }
        var made = new PrePopulatedValidationSupport(context, new HashMap<>(), new HashMap<>(), versions);
        others.forEach(made::addResource);
        return made;
    }
}
