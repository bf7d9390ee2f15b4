package io.salver.cli;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.salver.cli.config.YamlTrees;
import io.salver.endpoint.CanaryAction;
import io.salver.endpoint.EndpointJson;
import io.salver.predict.ServingException;
import io.salver.routing.EndpointSpec;
import io.salver.routing.Policy;
import io.salver.routing.Route;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code salver endpoints}. */
@Command(
    name = "endpoints",
    sortOptions = false,
    description = {
      "Shows and changes the endpoints of a running server.",
      "The exit code is 0 if that was done, 1 if not, and 2 if it was asked for wrongly."
    },
    synopsisSubcommandLabel = "COMMAND",
    footer = {"", "Example:", "  salver endpoints weights churn churn/3=90 churn/4=10"})
final class EndpointsCommand implements Runnable {
  private static final String ALL = "v1/endpoints";
  private static final int MAX_FILE_BYTES = 1 << 20;
  private static final Gson PRETTY =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  @Spec CommandSpec command = CommandSpec.create();

  @Override
  public void run() {
    throw new ParameterException(
        command.commandLine(),
        "a command is missing (expected: one of " + command.subcommands().keySet() + ")");
  }

  @Command(name = "list", description = "Lists the endpoints.")
  void list(@Mixin ControlOptions server) {
    Table table = new Table("NAME", "POLICY", "ROUTES", "CANARY", "REVISION", "UPDATED");
    try (ControlClient client = server.client()) {
      for (JsonElement each : client.get(ALL).getAsJsonArray("endpoints")) {
        JsonObject endpoint = each.getAsJsonObject();
        table.row(
            endpoint.get("name").getAsString(),
            endpoint.getAsJsonObject("policy").get("type").getAsString(),
            routes(spec(endpoint).policy()),
            canary(endpoint),
            endpoint.get("revision").getAsString(),
            endpoint.get("updated").getAsString());
      }
    }
    table.print(out());
  }

  private static String routes(Policy policy) {
    return policy.routes().stream()
        .map(route -> route.weight() == 0 ? route.toString() : route + "=" + weight(route))
        .collect(Collectors.joining(" "));
  }

  private static String weight(Route route) {
    double weight = route.weight();
    return weight == Math.rint(weight) ? Long.toString((long) weight) : Double.toString(weight);
  }

  private static String canary(JsonObject endpoint) {
    JsonElement canary = endpoint.get("canary");
    return canary instanceof JsonObject object && object.has("state")
        ? object.get("state").getAsString()
        : "-";
  }

  @Command(name = "get", description = "Prints an endpoint as JSON.")
  void get(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "ENDPOINT", description = "Its name.") String endpoint) {
    print(server, client -> client.get(path(endpoint)));
  }

  @Command(
      name = "put",
      description = {
        "Creates or replaces an endpoint.",
        "If the file has a revision, as what get prints does, the endpoint must still have it."
      })
  void put(
      @Mixin ControlOptions server,
      @Option(
              names = {"-f", "--file"},
              required = true,
              paramLabel = "FILE",
              description = "The endpoint as JSON or YAML; - for the standard input.")
          Path file)
      throws IOException {
    JsonElement json = YamlTrees.parse(read(file));
    String name = spec(json).name();
    print(server, client -> client.put(path(name), json, Map.of()));
  }

  private static String read(Path file) throws IOException {
    try (InputStream in = file.toString().equals("-") ? System.in : Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new CommandException(
            file + ": more than " + MAX_FILE_BYTES + " bytes (expected: one endpoint)");
      }
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new CommandException("--file: " + file + " cannot be read: " + e);
    }
  }

  @Command(name = "delete", description = "Removes an endpoint; its models stay.")
  void delete(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "ENDPOINT", description = "Its name.") String endpoint) {
    try (ControlClient client = server.client()) {
      var unused = client.delete(path(endpoint));
    }
  }

  @Command(name = "promote", description = "Lets the canary take over.")
  void promote(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "ENDPOINT", description = "Its name.") String endpoint) {
    act(server, endpoint, CanaryAction.PROMOTE);
  }

  @Command(name = "rollback", description = "Takes the canary back.")
  void rollback(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "ENDPOINT", description = "Its name.") String endpoint) {
    act(server, endpoint, CanaryAction.ROLLBACK);
  }

  @Command(name = "pause", description = "Leaves the canary at the step where it is.")
  void pause(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "ENDPOINT", description = "Its name.") String endpoint) {
    act(server, endpoint, CanaryAction.PAUSE);
  }

  @Command(name = "resume", description = "Lets a paused canary go on.")
  void resume(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "ENDPOINT", description = "Its name.") String endpoint) {
    act(server, endpoint, CanaryAction.RESUME);
  }

  @Command(name = "restart", description = "Lets the canary begin anew at its first step.")
  void restart(
      @Mixin ControlOptions server,
      @Parameters(paramLabel = "ENDPOINT", description = "Its name.") String endpoint) {
    act(server, endpoint, CanaryAction.RESTART);
  }

  private void act(ControlOptions server, String endpoint, CanaryAction action) {
    print(server, client -> client.post(path(endpoint) + ":" + action.text()));
  }

  @Command(
      name = "weights",
      description = {
        "Changes the shares of a split; those that are not named stay.",
        "Refused if somebody else changed the endpoint meanwhile."
      })
  void weights(
      @Mixin ControlOptions server,
      @Parameters(index = "0", paramLabel = "ENDPOINT", description = "Its name.") String endpoint,
      @Parameters(
              index = "1..*",
              arity = "1..*",
              paramLabel = "ROUTE=SHARE",
              description = "As churn=90, churn/4=10 (a version) or churn@new=10 (a label).")
          Map<String, Double> shares) {
    print(
        server,
        client -> {
          JsonObject before = client.get(path(endpoint));
          JsonObject after = EndpointJson.write(weighted(spec(before), shares));
          String revision = before.get("revision").getAsString();
          return client.put(path(endpoint), after, Map.of("if-match", "\"" + revision + "\""));
        });
  }

  private static EndpointSpec weighted(EndpointSpec spec, Map<String, Double> shares) {
    if (!(spec.policy() instanceof Policy.Split split)) {
      throw new CommandException(
          "weights: endpoint " + spec.name() + " has another policy (expected: split)");
    }
    List<String> names = split.routes().stream().map(Route::toString).toList();
    for (String name : shares.keySet()) {
      if (!names.contains(name)) {
        throw new CommandException("weights: " + name + " (expected: one of " + names + ")");
      }
    }
    try {
      List<Route> routes = new ArrayList<>();
      for (Route route : split.routes()) {
        routes.add(route.withWeight(shares.getOrDefault(route.toString(), route.weight())));
      }
      return spec.withPolicy(new Policy.Split(routes));
    } catch (IllegalArgumentException e) {
      throw new CommandException(String.valueOf(e.getMessage()));
    }
  }

  private static EndpointSpec spec(JsonElement json) {
    try {
      return EndpointJson.read("", json).spec();
    } catch (ServingException e) {
      throw new CommandException(e.getMessage());
    }
  }

  private void print(ControlOptions server, Function<ControlClient, JsonObject> work) {
    try (ControlClient client = server.client()) {
      PrintWriter out = out();
      out.println(PRETTY.toJson(work.apply(client)));
      out.flush();
    }
  }

  private PrintWriter out() {
    return command.commandLine().getOut();
  }

  private static String path(String endpoint) {
    return ALL + "/" + ControlClient.encoded(endpoint);
  }
}
