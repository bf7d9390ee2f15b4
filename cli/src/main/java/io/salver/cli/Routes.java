package io.salver.cli;

import io.netty.buffer.ByteBuf;
import io.salver.server.admin.AdminPages;
import io.salver.server.admin.EndpointsRest;
import io.salver.server.admin.ModelsRest;
import io.salver.server.clipper.ClipperRest;
import io.salver.server.console.Console;
import io.salver.server.http.HttpExchange;
import io.salver.server.http.HttpHandler;
import io.salver.server.oip.OipRest;
import io.salver.server.tfserving.RestApi;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Which part of the server answers which path. */
final class Routes implements HttpHandler {
  /** What predictions of models begin with: looked at first. */
  private static final String MODELS = RestApi.PREFIX + "models";

  private final AdminPages admin;
  private final Console console;
  private final EndpointsRest endpoints;
  private final HttpHandler rest;
  private final HttpHandler oipRest;
  private final ModelsRest control;
  private final Optional<ClipperRest> clipper;
  private final long maxBodyBytes;

  Routes(
      AdminPages admin,
      EndpointsRest endpoints,
      Console console,
      HttpHandler rest,
      HttpHandler oipRest,
      ModelsRest control,
      Optional<ClipperRest> clipper,
      long maxBodyBytes) {
    this.admin = admin;
    this.endpoints = endpoints;
    this.console = console;
    this.rest = rest;
    this.oipRest = oipRest;
    this.control = control;
    this.clipper = clipper;
    this.maxBodyBytes = maxBodyBytes;
  }

  @Override
  public long maxBodyBytes(String method, String path) {
    if (Console.matches(path)) {
      return console.maxBodyBytes(method, path);
    }
    if (EndpointsRest.matches(path)) {
      return endpoints.maxBodyBytes(method, path);
    }
    if (ModelsRest.matches(path)) {
      return control.maxBodyBytes(method, path);
    }
    if (clipper.isPresent() && ClipperRest.matches(path)) {
      return clipper.get().maxBodyBytes(method, path);
    }
    return admin.matches(path) ? admin.maxBodyBytes(method, path) : maxBodyBytes;
  }

  @Override
  public void handle(HttpExchange exchange) {
    String path = exchange.path();
    if (isRest(path, MODELS)) {
      rest.handle(exchange);
    } else if (EndpointsRest.matches(path)) {
      endpoints.handle(exchange);
    } else if (OipRest.matches(path)) {
      oipRest.handle(exchange);
    } else if (Console.matches(path)) {
      console.handle(exchange);
    } else if (admin.matches(path)) {
      admin.handle(exchange);
    } else if (ModelsRest.matches(path)) {
      control.handle(exchange);
    } else if (isRest(path, RestApi.PREFIX)) {
      rest.handle(exchange);
    } else if (clipper.isPresent() && ClipperRest.matches(path)) {
      clipper.get().handle(exchange);
    } else {
      notFound(exchange);
    }
  }

  private static boolean isRest(String path, String prefix) {
    return path.regionMatches(true, 0, prefix, 0, prefix.length());
  }

  private static void notFound(HttpExchange exchange) {
    byte[] message =
        "{\"error\": \"no such path (expected: /, /console/..., /v1/models..., /v1/endpoints..., /v1/control/models..., /v1/activity, /v1/costs, /v2/..., /metrics, /healthz, /readyz or /version)\"}\n"
            .getBytes(StandardCharsets.UTF_8);
    ByteBuf body = exchange.newBody(message.length);
    body.writeBytes(message);
    exchange.respond(404, "application/json", body);
  }
}
