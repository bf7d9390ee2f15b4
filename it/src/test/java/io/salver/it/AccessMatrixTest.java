package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.Status;
import io.salver.server.access.AccessTable;
import io.salver.server.access.ApiKey;
import io.salver.server.access.Role;
import io.salver.server.grpc.services.HealthService;
import io.salver.server.grpc.services.proto.reflection.ServerReflectionRequest;
import io.salver.server.grpc.services.proto.reflection.ServerReflectionResponse;
import io.salver.server.grpc.services.proto.reflection.ServiceResponse;
import io.salver.server.oip.proto.GrpcServiceProtos;
import io.salver.server.tfserving.proto.ModelServiceProtos;
import io.salver.server.tfserving.proto.PredictionServiceProtos;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Date;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every route and every RPC with every kind of credential, by clients that others wrote. The whole
 * table is left in {@code target/access-matrix.md}.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AccessMatrixTest {
  private static final Path REPORT = Path.of("target/access-matrix.md");

  /** A route: its method, an example of its path, and the roles of which one is needed. */
  private static final String ROUTES =
      """
      GET /healthz none
      GET /readyz none
      GET /v2/health/live none
      GET /v2/health/ready none
      GET / none
      GET /console none
      GET /console/assets/main.js none
      OPTIONS /v1/models none
      OPTIONS /v1/models/half_plus_two:predict none
      GET /metrics observe
      GET /version observe
      GET /monitoring/prometheus/metrics observe
      POST /v1/models/half_plus_two:predict predict
      POST /v1/models/half_plus_two/versions/1:predict predict
      POST /v1/models/half_plus_two/labels/stable:predict predict
      POST /v1/models/half_plus_two:classify predict
      POST /v1/models/half_plus_two:regress predict
      GET /v1/models observe
      GET /v1/models/half_plus_two predict,observe
      GET /v1/models/half_plus_two/versions/1 predict,observe
      GET /v1/models/half_plus_two/metadata predict,observe
      GET /v2 predict,observe
      GET /v2/ predict,observe
      GET /v2/models/half_plus_two predict,observe
      GET /v2/models/half_plus_two/versions/1/ready predict,observe
      GET /v2/models/half_plus_two/ready predict,observe
      GET /v2/models/half_plus_two/config predict,observe
      POST /v2/models/half_plus_two/infer predict
      POST /v2/models/half_plus_two/versions/1/infer predict
      POST /v2/models/half_plus_two/generate predict
      POST /v2/models/half_plus_two/generate_stream predict
      GET /v2/models/stats observe
      GET /v2/models/half_plus_two/stats observe
      GET /v2/models/half_plus_two/versions/1/stats observe
      POST /v2/repository/index observe
      POST /v2/repository/r/index observe
      POST /v2/repository/models/m/load admin
      POST /v2/repository/models/m/unload admin
      POST /v2/repository/r/models/m/load admin
      GET /v2/systemsharedmemory/status observe
      GET /v2/systemsharedmemory/region/r/status observe
      GET /v2/cudasharedmemory/status observe
      POST /v2/systemsharedmemory/region/r/register admin
      POST /v2/systemsharedmemory/unregister admin
      POST /v2/cudasharedmemory/region/r/register admin
      POST /v2/cudasharedmemory/region/r/unregister admin
      GET /v2/logging observe
      POST /v2/logging admin
      GET /v2/trace/setting observe
      POST /v2/trace/setting admin
      GET /v2/models/half_plus_two/trace/setting observe
      POST /v2/models/half_plus_two/trace/setting admin
      POST /v1/endpoints/e:predict predict
      POST /v1/endpoints/e:classify predict
      POST /v1/endpoints/e:regress predict
      POST /v1/endpoints/e:feedback predict
      POST /e/predict predict
      POST /e/update predict
      GET /v1/endpoints observe
      GET /v1/endpoints/e observe
      GET /v1/endpoints/e/statistics observe
      PUT /v1/endpoints/e admin
      DELETE /v1/endpoints/e admin
      POST /v1/endpoints/e:promote admin
      POST /v1/endpoints/e:rollback admin
      POST /v1/endpoints/e:pause admin
      POST /v1/endpoints/e:resume admin
      POST /v1/endpoints/e:restart admin
      GET /v1/activity observe
      GET /v1/costs observe
      GET /v1/events observe
      GET /v1/control/models observe
      GET /v1/control/models/m observe
      POST /v1/control/models/m:load admin
      POST /v1/control/models/m:unload admin
      POST /v1/control/models/m:pin admin
      POST /v1/control/models/m:unpin admin
      POST /v1/control/models/m:rollback admin
      POST /v1/control/models/m:reset admin
      PUT /v1/control/models/m/labels admin
      GET /nothing admin
      DELETE /metrics admin
      DELETE /v1/models/half_plus_two admin
      PATCH /v1/endpoints/e admin
      """;

  private static final String RPCS =
      """
      tensorflow.serving.PredictionService/Predict predict
      tensorflow.serving.PredictionService/Classify predict
      tensorflow.serving.PredictionService/Regress predict
      tensorflow.serving.PredictionService/MultiInference predict
      tensorflow.serving.PredictionService/GetModelMetadata predict,observe
      tensorflow.serving.ModelService/GetModelStatus predict,observe
      tensorflow.serving.ModelService/HandleReloadConfigRequest admin
      inference.GRPCInferenceService/ServerLive none
      inference.GRPCInferenceService/ServerReady none
      inference.GRPCInferenceService/ServerMetadata predict,observe
      inference.GRPCInferenceService/ModelReady predict,observe
      inference.GRPCInferenceService/ModelMetadata predict,observe
      inference.GRPCInferenceService/ModelConfig predict,observe
      inference.GRPCInferenceService/ModelInfer predict
      inference.GRPCInferenceService/ModelStreamInfer predict
      inference.GRPCInferenceService/ModelStatistics observe
      inference.GRPCInferenceService/RepositoryIndex observe
      inference.GRPCInferenceService/RepositoryModelLoad admin
      inference.GRPCInferenceService/RepositoryModelUnload admin
      inference.GRPCInferenceService/SystemSharedMemoryStatus observe
      inference.GRPCInferenceService/SystemSharedMemoryRegister admin
      inference.GRPCInferenceService/SystemSharedMemoryUnregister admin
      inference.GRPCInferenceService/CudaSharedMemoryStatus observe
      inference.GRPCInferenceService/CudaSharedMemoryRegister admin
      inference.GRPCInferenceService/CudaSharedMemoryUnregister admin
      inference.GRPCInferenceService/TraceSetting admin
      inference.GRPCInferenceService/LogSettings admin
      grpc.health.v1.Health/Check none
      grpc.health.v1.Health/Watch none
      grpc.reflection.v1.ServerReflection/ServerReflectionInfo predict,observe
      grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo predict,observe
      """;

  /** What a client shows; the roles that it gives, or null if it is not accepted. */
  private record Credential(String name, String header, String value, Set<Role> roles) {}

  private record Thing(String name, Set<Role> needed) {}

  @TempDir static Path directory;

  private static final Map<Role, ApiKey.Created> KEYS = new EnumMap<>(Role.class);
  private static final List<Credential> CREDENTIALS = new ArrayList<>();
  private static final Map<String, Map<String, String>> TABLE = new LinkedHashMap<>();
  private static RunningServer server;
  private static HttpClient http;

  @BeforeAll
  static void start() throws Exception {
    StringBuilder keys = new StringBuilder();
    for (Role role : Role.values()) {
      ApiKey.Created key = ApiKey.create(new SecureRandom());
      KEYS.put(role, key);
      keys.append(
          "    - {name: %s, key: \"%s\", roles: [%s]}\n"
              .formatted(role.text(), key.stored(), role.text()));
    }
    ECKey issuer = new ECKeyGenerator(Curve.P_256).keyID("1").generate();
    ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("1").generate();
    Path jwks =
        Files.writeString(directory.resolve("keys.json"), new JWKSet(issuer).toString(true));
    Path config =
        Files.writeString(
            directory.resolve("salver.yaml"),
            """
            models:
              - {name: %s, base_path: %s, labels: {stable: 1}}
            log: {level: trace}
            access:
              failures: {burst: 0}
              keys:
            %s  jwt: {issuer: issuer, audience: salver, keys: %s}
            """
                .formatted(HalfPlusTwoCalls.NAME, HalfPlusTwoCalls.directory(), keys, jwks));
    server = RunningServer.start("--config=" + config);
    http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    String wrong = KEYS.get(Role.ADMIN).text();
    wrong = wrong.substring(0, wrong.length() - 2) + "!!";
    Instant later = Instant.now().plusSeconds(3600);
    Instant before = Instant.now().minusSeconds(3600);
    CREDENTIALS.add(new Credential("nothing", "", "", Set.of()));
    CREDENTIALS.add(new Credential("wrong key", "salver-api-key", wrong, null));
    CREDENTIALS.add(new Credential("Basic", "authorization", "Basic YWRtaW46YWRtaW4=", null));
    CREDENTIALS.add(bearer("expired token", token(issuer, before, "admin"), null));
    CREDENTIALS.add(bearer("stranger's token", token(stranger, later, "admin"), null));
    for (Role role : Role.values()) {
      CREDENTIALS.add(
          new Credential(
              role.text() + " key", "salver-api-key", KEYS.get(role).text(), Set.of(role)));
      CREDENTIALS.add(
          bearer(role.text() + " token", token(issuer, later, role.text()), Set.of(role)));
    }
    CREDENTIALS.add(
        bearer(
            "token of all roles",
            token(issuer, later, "predict", "observe", "admin"),
            EnumSet.allOf(Role.class)));
  }

  @AfterAll
  static void stop() {
    http.close();
    server.close();
  }

  private static Credential bearer(String name, String token, Set<Role> roles) {
    return new Credential(name, "authorization", "Bearer " + token, roles);
  }

  private static String token(ECKey key, Instant end, String... roles) throws Exception {
    SignedJWT token =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("1").build(),
            new JWTClaimsSet.Builder()
                .issuer("issuer")
                .audience("salver")
                .subject("alice")
                .expirationTime(Date.from(end))
                .claim("roles", List.of(roles))
                .build());
    token.sign(new ECDSASigner(key));
    return token.serialize();
  }

  private static List<Thing> things(String table) {
    return table
        .lines()
        .map(line -> {
          int space = line.lastIndexOf(' ');
          Set<Role> roles = new HashSet<>();
          Arrays.stream(line.substring(space + 1).split(",", -1))
              .flatMap(name -> Role.of(name).stream())
              .forEach(roles::add);
          return new Thing(line.substring(0, space), roles);
        })
        .toList();
  }

  private static String expected(Thing thing, Credential credential) {
    if (thing.needed.isEmpty()) {
      return "yes";
    }
    if (credential.roles == null || credential.roles.isEmpty()) {
      return "401";
    }
    return credential.roles.stream().anyMatch(thing.needed::contains) ? "yes" : "403";
  }

  private static void note(Thing thing, Credential credential, String outcome) {
    TABLE.computeIfAbsent(thing.name, _ -> new LinkedHashMap<>()).put(credential.name, outcome);
  }

  @Test
  @Order(1)
  void everyRowOfTheTableIsAskedFor() {
    AccessTable table = new AccessTable("/monitoring/prometheus/metrics");
    Set<AccessTable.HttpRow> asked = new HashSet<>();
    for (Thing route : things(ROUTES)) {
      String[] parts = route.name.split(" ", 2);
      table.rowOf(parts[0], parts[1]).ifPresent(asked::add);
    }
    assertThat(table.httpRows())
        .as("a row without an example here")
        .allSatisfy(row -> assertThat(asked).contains(row));
    assertThat(table.rpcRows().keySet())
        .containsExactlyInAnyOrderElementsOf(things(RPCS).stream().map(Thing::name).toList());
  }

  /** Which services there are the server says itself; what is in them, its descriptors. */
  @Test
  @Order(2)
  void everyRpcThatTheServerHasIsAskedFor() throws Exception {
    byte[] question =
        ServerReflectionRequest.newBuilder().setListServices("").build().toByteArray();
    Ending answer =
        call(
            "grpc.reflection.v1.ServerReflection/ServerReflectionInfo",
            CREDENTIALS.getLast(),
            question);
    List<String> known = things(RPCS).stream().map(Thing::name).toList();
    for (ServiceResponse service :
        ServerReflectionResponse.parseFrom(answer.message)
            .getListServicesResponse()
            .getServiceList()) {
      assertThat(known).anyMatch(name -> name.startsWith(service.getName() + "/"));
    }
    for (FileDescriptor file :
        List.of(
            PredictionServiceProtos.getDescriptor(),
            ModelServiceProtos.getDescriptor(),
            GrpcServiceProtos.getDescriptor(),
            HealthService.descriptor())) {
      for (ServiceDescriptor service : file.getServices()) {
        for (MethodDescriptor method : service.getMethods()) {
          String name = service.getFullName() + "/" + method.getName();
          String status = call(name, CREDENTIALS.getLast(), new byte[0]).status;
          assertThat(known.contains(name) || status.startsWith("UNIMPLEMENTED unknown method"))
              .as(name + " has no row: " + status)
              .isTrue();
        }
      }
    }
  }

  @Test
  @Order(3)
  void everyRouteAnswersWhoMayAskAndNobodyElse() throws Exception {
    List<String> wrong = new ArrayList<>();
    for (Thing route : things(ROUTES)) {
      for (Credential credential : CREDENTIALS) {
        String outcome = send(route, credential);
        note(route, credential, outcome);
        if (!outcome.equals(expected(route, credential))) {
          wrong.add(route.name + " by " + credential.name + ": " + outcome);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  /** {@code yes} if it came through to a handler, whatever that made of it. */
  private static String send(Thing route, Credential credential) throws Exception {
    String[] parts = route.name.split(" ", 2);
    boolean hasBody = parts[0].equals("POST") || parts[0].equals("PUT");
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.restPort() + parts[1]))
            .timeout(Duration.ofMinutes(1))
            .header("content-type", "application/json")
            .method(parts[0], hasBody ? BodyPublishers.ofString("{}") : BodyPublishers.noBody());
    if (!credential.header.isEmpty()) {
      request.header(credential.header, credential.value);
    }
    // Only the head is waited for: events go on for ever.
    HttpResponse<Stream<String>> response = http.send(request.build(), BodyHandlers.ofLines());
    try (Stream<String> lines = response.body()) {
      if (response.statusCode() == 401) {
        assertThat(response.headers().firstValue("www-authenticate").orElse(""))
            .startsWith("Bearer realm=\"salver\"");
        return "401";
      }
      return response.statusCode() == 403
              && lines.anyMatch(line -> line.contains("(expected: the role "))
          ? "403"
          : "yes";
    }
  }

  @Test
  @Order(4)
  void everyRpcAnswersWhoMayCallAndNobodyElse() {
    List<String> wrong = new ArrayList<>();
    for (Thing rpc : things(RPCS)) {
      for (Credential credential : CREDENTIALS) {
        String status = call(rpc.name, credential, new byte[0]).status;
        String outcome =
            status.startsWith("UNAUTHENTICATED credentials: ")
                ? "401"
                : status.startsWith("PERMISSION_DENIED role: ") ? "403" : "yes";
        note(rpc, credential, outcome);
        if (!outcome.equals(expected(rpc, credential))) {
          wrong.add(rpc.name + " by " + credential.name + ": " + status);
        }
      }
    }
    assertThat(wrong).isEmpty();
  }

  private static final io.grpc.MethodDescriptor.Marshaller<byte[]> BYTES =
      new io.grpc.MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  /** How a call with one message ends, or its first answer. */
  private record Ending(String status, byte[] message) {}

  private static Ending call(String name, Credential credential, byte[] request) {
    ClientCall<byte[], byte[]> call =
        server
            .grpc()
            .channel()
            .newCall(
                io.grpc.MethodDescriptor.newBuilder(BYTES, BYTES)
                    .setType(MethodType.BIDI_STREAMING)
                    .setFullMethodName(name)
                    .build(),
                CallOptions.DEFAULT.withDeadlineAfter(1, TimeUnit.MINUTES));
    Metadata metadata = new Metadata();
    if (!credential.header.isEmpty()) {
      metadata.put(
          Metadata.Key.of(credential.header, Metadata.ASCII_STRING_MARSHALLER), credential.value);
    }
    CompletableFuture<Ending> outcome = new CompletableFuture<>();
    call.start(
        new ClientCall.Listener<>() {
          @Override
          public void onMessage(byte[] message) {
            outcome.complete(new Ending("a message", message));
          }

          @Override
          public void onClose(Status status, Metadata trailers) {
            outcome.complete(
                new Ending(status.getCode() + " " + status.getDescription(), new byte[0]));
          }
        },
        metadata);
    call.request(1);
    call.sendMessage(request);
    call.halfClose();
    Ending result = outcome.join();
    call.cancel("seen enough", null);
    return result;
  }

  @Test
  @Order(5)
  void theMatrixIsWrittenDown() throws Exception {
    StringBuilder page = new StringBuilder("# Who may do what\n\n| |");
    CREDENTIALS.forEach(credential -> page.append(' ').append(credential.name).append(" |"));
    page.append("\n|---|").append("---|".repeat(CREDENTIALS.size())).append('\n');
    TABLE.forEach((thing, outcomes) -> {
      page.append("| `").append(thing).append("` |");
      outcomes.values().forEach(outcome -> page.append(' ').append(outcome).append(" |"));
      page.append('\n');
    });
    Files.writeString(REPORT, page);
    Map<String, Long> counts = new TreeMap<>();
    TABLE.values().stream()
        .flatMap(outcomes -> outcomes.values().stream())
        .forEach(outcome -> counts.merge(outcome, 1L, Long::sum));
    assertThat(counts.keySet()).containsExactly("401", "403", "yes");
  }

  /** The log of a server that logs everything, after all of the above. */
  @Test
  @Order(6)
  void nothingThatWasShownIsInTheLog() throws Exception {
    assertThat(
            server
                .rest()
                .post(
                    "/v1/models/half_plus_two:predict",
                    new byte[] {'{'},
                    "salver-api-key",
                    KEYS.get(Role.PREDICT).text())
                .status())
        .isEqualTo(400);
    server.process().terminate();
    String log = server.process().output();
    assertThat(log).contains("Ready");
    for (Credential credential : CREDENTIALS) {
      if (!credential.value.isEmpty()) {
        String secret = credential.value.substring(credential.value.indexOf(' ') + 1);
        for (String part : secret.split("[._]", -1)) {
          if (part.length() > 24) {
            assertThat(log).as(credential.name).doesNotContain(part);
          }
        }
      }
    }
    KEYS.values()
        .forEach(key ->
            assertThat(log).doesNotContain(key.text()).doesNotContain(key.stored().toString()));
  }
}
