package io.salver.server.access;

import static io.salver.server.access.Role.ADMIN;
import static io.salver.server.access.Role.OBSERVE;
import static io.salver.server.access.Role.PREDICT;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Which role each route and each RPC needs. What is not in the table needs {@link Role#ADMIN}.
 * Thread-safe.
 *
 * <p>A path is matched as it came, not percent-decoded, as a whole, in upper or lower case, by the
 * first row that fits.
 */
public final class AccessTable {
  private static final int SLOTS = 512;
  private static final int MAX_REMEMBERED_LENGTH = 512;
  private static final String TF_SERVING = "tensorflow.serving.";
  private static final String OIP = "inference.GRPCInferenceService/";

  /**
   * A row for HTTP.
   *
   * @param method GET stands for HEAD as well
   * @param path a template: {@code {x}} is a segment without a colon, {@code {x:}} one that may
   *     have colons, {@code [...]} may be missing, {@code (a|b)} is one of them, and a final {@code
   *     **} is anything
   */
  public record HttpRow(String method, String path, AccessRule rule) {}

  private record Matcher(HttpRow row, Pattern pattern) {}

  private record Remembered(String method, String path, @Nullable AccessRule rule) {}

  private final List<Matcher> http = new ArrayList<>();
  private final Map<String, AccessRule> rpcs = new HashMap<>();

  /** Answers given before: a server sees the same few paths again and again. */
  private final @Nullable Remembered[] slots = new Remembered[SLOTS];

  /**
   * The table.
   *
   * @param metricsPath where metrics are beside {@code /metrics}
   */
  public AccessTable(String metricsPath) {
    health();
    observation(metricsPath);
    tensorFlowServing();
    openInference();
    endpoints();
    control();
    rpcs();
  }

  private void health() {
    http("GET", "/(healthz|readyz)");
    http("GET", "/v2/health/(live|ready)");
  }

  private void observation(String metricsPath) {
    add("GET", metricsPath, Pattern.quote(metricsPath), rule(OBSERVE));
    http("GET", "/(metrics|version)", OBSERVE);
  }

  private void tensorFlowServing() {
    String version = "[(/versions/{v}|/labels/{l})]";
    http("POST", "/v1/models/{m}" + version + ":(predict|classify|regress)", PREDICT);
    http("GET", "/v1/models/{m}" + version + "[/metadata]", PREDICT, OBSERVE);
    http("GET", "/v1/models", OBSERVE);
    // A browser asks whether it may ask, without credentials.
    http("OPTIONS", "/v1/models[/**]");
  }

  private void openInference() {
    http("GET", "/v2[/]", PREDICT, OBSERVE);
    http("GET", "/v2/models/stats", OBSERVE);
    String model = "/v2/models/{m:}[/versions/{v:}]";
    http("GET", model + "[/(ready|config)]", PREDICT, OBSERVE);
    http("POST", model + "/(infer|generate|generate_stream)", PREDICT);
    http("GET", model + "/stats", OBSERVE);
    http("POST", "/v2/repository[/{r:}]/index", OBSERVE);
    http("POST", "/v2/repository[/{r:}]/models/{m:}/(load|unload)", ADMIN);
    String memory = "/v2/(system|cuda)sharedmemory[/region/{r:}]";
    http("GET", memory + "/status", OBSERVE);
    http("POST", memory + "/(register|unregister)", ADMIN);
    for (String settings : List.of("/v2/logging", "/v2/trace/setting", model + "/trace/setting")) {
      http("GET", settings, OBSERVE);
      http("POST", settings, ADMIN);
    }
  }

  private void endpoints() {
    http("POST", "/v1/endpoints/{e}:(predict|classify|regress|feedback)", PREDICT);
    // As Clipper has them; no other path looks like these.
    http("POST", "/{e}/(predict|update)", PREDICT);
    control("GET", "/v1/endpoints[/{e}[/statistics]]", OBSERVE);
    control("PUT", "/v1/endpoints/{e}", ADMIN);
    control("DELETE", "/v1/endpoints/{e}", ADMIN);
    control("POST", "/v1/endpoints/{e}:(promote|rollback|pause|resume|restart)", ADMIN);
  }

  private void control() {
    control("GET", "/v1/(activity|costs|events)", OBSERVE);
    control("GET", "/v1/control/models[/{m}]", OBSERVE);
    control("POST", "/v1/control/models/{m}:(load|unload|pin|unpin|rollback|reset)", ADMIN);
    control("PUT", "/v1/control/models/{m}/labels", ADMIN);
    control("GET", "/[console[/**]]");
  }

  private void rpcs() {
    for (String method : List.of("Predict", "Classify", "Regress", "MultiInference")) {
      rpc(TF_SERVING + "PredictionService/" + method, PREDICT);
    }
    rpc(TF_SERVING + "PredictionService/GetModelMetadata", PREDICT, OBSERVE);
    rpc(TF_SERVING + "ModelService/GetModelStatus", PREDICT, OBSERVE);
    rpc(TF_SERVING + "ModelService/HandleReloadConfigRequest", ADMIN);
    for (String method : List.of("ServerLive", "ServerReady")) {
      rpc(OIP + method);
    }
    for (String method : List.of("ServerMetadata", "ModelReady", "ModelMetadata", "ModelConfig")) {
      rpc(OIP + method, PREDICT, OBSERVE);
    }
    rpc(OIP + "ModelInfer", PREDICT);
    rpc(OIP + "ModelStreamInfer", PREDICT);
    for (String method :
        List.of(
            "ModelStatistics",
            "RepositoryIndex",
            "SystemSharedMemoryStatus",
            "CudaSharedMemoryStatus")) {
      rpc(OIP + method, OBSERVE);
    }
    for (String method :
        List.of(
            "RepositoryModelLoad",
            "RepositoryModelUnload",
            "SystemSharedMemoryRegister",
            "SystemSharedMemoryUnregister",
            "CudaSharedMemoryRegister",
            "CudaSharedMemoryUnregister",
            "TraceSetting",
            "LogSettings")) {
      rpc(OIP + method, ADMIN);
    }
    rpc("grpc.health.v1.Health/Check");
    rpc("grpc.health.v1.Health/Watch");
    rpc("grpc.reflection.v1.ServerReflection/ServerReflectionInfo", PREDICT, OBSERVE);
    rpc("grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", PREDICT, OBSERVE);
  }

  private static AccessRule rule(Role... anyOf) {
    return new AccessRule(roles(anyOf), false);
  }

  private static Set<Role> roles(Role... anyOf) {
    EnumSet<Role> roles = EnumSet.noneOf(Role.class);
    roles.addAll(List.of(anyOf));
    return roles;
  }

  private void http(String method, String path, Role... anyOf) {
    add(method, path, regex(path), rule(anyOf));
  }

  private void control(String method, String path, Role... anyOf) {
    add(method, path, regex(path), new AccessRule(roles(anyOf), true));
  }

  private void add(String method, String path, String regex, AccessRule rule) {
    http.add(
        new Matcher(
            new HttpRow(method, path, rule), Pattern.compile(regex, Pattern.CASE_INSENSITIVE)));
  }

  private void rpc(String fullName, Role... anyOf) {
    rpcs.put(fullName, rule(anyOf));
  }

  private static String regex(String template) {
    return template
        .replace("(", "(?:")
        .replace("[", "(?:")
        .replace("]", ")?")
        .replace("**", ".*")
        .replaceAll("\\{\\w+:\\}", "[^/]+")
        .replaceAll("\\{\\w+\\}", "[^/:]+");
  }

  /** The rows for HTTP, in order. */
  public List<HttpRow> httpRows() {
    return http.stream().map(Matcher::row).toList();
  }

  /** The rows for RPCs, by names as {@code pkg.Service/Method}. */
  public Map<String, AccessRule> rpcRows() {
    return Map.copyOf(rpcs);
  }

  /** What an HTTP request needs. */
  public AccessRule ofHttp(String method, String path) {
    int hash = path.hashCode();
    int slot = (hash ^ hash >>> 16) & SLOTS - 1;
    Remembered known = slots[slot];
    if (known == null || !known.path.equals(path) || !known.method.equals(method)) {
      known = new Remembered(method, path, find(method, path));
      if (path.length() <= MAX_REMEMBERED_LENGTH) {
        slots[slot] = known;
      }
    }
    AccessRule rule = known.rule;
    return rule == null ? unknown(path) : rule;
  }

  /**
   * What a path needs that no row has: a router may read it in another way than a row does, so that
   * it counts as control wherever control could be behind it.
   */
  private static AccessRule unknown(String path) {
    return startsWith(path, "/v1/models") || startsWith(path, "/v2")
        ? AccessRule.ADMIN
        : AccessRule.CONTROL;
  }

  private static boolean startsWith(String path, String prefix) {
    return path.regionMatches(true, 0, prefix, 0, prefix.length());
  }

  private @Nullable AccessRule find(String method, String path) {
    return rowOf(method, path).map(HttpRow::rule).orElse(null);
  }

  /** The row that an HTTP request falls under. */
  public Optional<HttpRow> rowOf(String method, String path) {
    String asked = method.equals("HEAD") ? "GET" : method;
    return http.stream()
        .filter(
            matcher -> matcher.row.method.equals(asked) && matcher.pattern.matcher(path).matches())
        .map(Matcher::row)
        .findFirst();
  }

  /** What a call of an RPC needs. */
  public AccessRule ofRpc(String fullName) {
    return rpcs.getOrDefault(fullName, AccessRule.ADMIN);
  }
}
