package io.salver.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Workers that speak the Open Inference Protocol over gRPC. */
@Timeout(180)
class OipWorkerTest {
  /** Answers half plus two with typed contents, by the gRPC library and nothing of Salver's. */
  private static final String GRPCIO =
      """
      import os, struct
      from concurrent import futures
      import grpc

      def varint(n):
          out = b""
          while n > 127:
              out, n = out + bytes([n & 127 | 128]), n >> 7
          return out + bytes([n])

      def field(number, data):
          return varint(number << 3 | 2) + varint(len(data)) + data

      def fields(data):
          at = 0
          while at < len(data):
              tag, at = data[at], at + 1
              assert tag & 7 == 2
              size, shift = 0, 0
              while True:
                  byte, at = data[at], at + 1
                  size, shift = size | (byte & 127) << shift, shift + 7
                  if byte < 128:
                      break
              yield tag >> 3, data[at:at + size]
              at += size

      def tensor(name, dims):
          return field(1, name) + field(2, b"FP32") + field(3, dims)

      ANY = b"\\xff" * 9 + b"\\x01"

      def infer(request, context):
          raw = dict(fields(request))[7]
          x = struct.unpack("<%df" % (len(raw) // 4), raw)
          if x[0] < 0:
              context.abort(grpc.StatusCode.INVALID_ARGUMENT, "x: %s (expected: >= 0)" % x[0])
          y = struct.pack("<%df" % len(x), *[v / 2 + 2 for v in x])
          return field(5, tensor(b"y", varint(len(x))) + field(5, field(6, y)))

      def always(answer):
          return lambda request, context: answer

      methods = {
          "ServerLive": always(b"\\x08\\x01"),
          "ModelReady": always(b"\\x08\\x01"),
          "ModelMetadata": always(field(4, tensor(b"x", ANY)) + field(5, tensor(b"y", ANY))),
          "ModelInfer": infer,
      }
      server = grpc.server(futures.ThreadPoolExecutor(4))
      server.add_generic_rpc_handlers([grpc.method_handlers_generic_handler(
          "inference.GRPCInferenceService",
          {n: grpc.unary_unary_rpc_method_handler(f) for n, f in methods.items()})])
      server.add_insecure_port("unix:" + os.environ["SALVER_WORKER_SOCKET"])
      server.start()
      server.wait_for_termination()
      """;

  @TempDir Path temporary;

  private static void assertServes(RunningServer server, String name) throws Exception {
    for (int rows : new int[] {1, 3, 20_000}) {
      StringBuilder x = new StringBuilder("{\"instances\": [7.0");
      StringBuilder y = new StringBuilder("{\"predictions\":[5.5");
      for (int i = 1; i < rows; i++) {
        x.append(", 1.0");
        y.append(",2.5");
      }
      RestClient.Answer answer = server.rest().post("/v1/models/" + name + ":predict", x + "]}");
      assertThat(answer.body().replaceAll("\\s", ""))
          .as("%s", WorkerModels.status(server, name))
          .isEqualTo(y + "]}");
    }
  }

  @Test
  void aServerThatSpeaksTheProtocolIsAWorker() throws Exception {
    String command =
        "[%s, serve, --model_name=inner, --model_base_path=%s, '--grpc_socket_path={socket}',"
            + " --port=0, --rest_api_port=0]";
    WorkerModels models =
        new WorkerModels(temporary)
            .write(
                "inner",
                "model.yaml",
                "worker: {protocol: oip, connections: 2, command: "
                    + command.formatted(
                        SalverProcess.root().resolve("salver"), HalfPlusTwoCalls.directory())
                    + "}\n");
    try (RunningServer server = models.serve()) {
      // The worker's log says that it is ready before the model is.
      Await.until(
          "the worker's model is served",
          () -> WorkerModels.predict(server, "inner", 3).status() == 200);
      assertServes(server, "inner");
      ProcessHandle before = models.worker(server, "inner");
      WorkerModels.signal(before, "KILL");
      before.onExit().join();
      Await.until("it is back", () -> WorkerModels.predict(server, "inner", 3).status() == 200);
    }
  }

  @Test
  void aPythonServerOnTheGrpcLibraryIsAWorker() throws Exception {
    WorkerModels.requirePython("grpc");
    WorkerModels models = new WorkerModels(temporary).python("grpcio", "protocol: oip", GRPCIO);
    try (RunningServer server = models.serve()) {
      assertServes(server, "grpcio");
      RestClient.Answer refused = WorkerModels.predict(server, "grpcio", -1);
      assertThat(refused.body()).contains("x: -1.0 (expected: >= 0)");
      assertThat(refused.status()).isEqualTo(400);
    }
  }
}
