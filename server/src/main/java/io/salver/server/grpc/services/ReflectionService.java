package io.salver.server.grpc.services;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.EnumDescriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Descriptors.MethodDescriptor;
import com.google.protobuf.Descriptors.ServiceDescriptor;
import io.netty.buffer.ByteBuf;
import io.salver.server.grpc.GrpcMethod;
import io.salver.server.grpc.GrpcStatus;
import io.salver.server.grpc.StreamCall;
import io.salver.server.grpc.StreamListener;
import io.salver.server.grpc.services.proto.reflection.ErrorResponse;
import io.salver.server.grpc.services.proto.reflection.FileDescriptorResponse;
import io.salver.server.grpc.services.proto.reflection.ListServiceResponse;
import io.salver.server.grpc.services.proto.reflection.ReflectionProtos;
import io.salver.server.grpc.services.proto.reflection.ServerReflectionRequest;
import io.salver.server.grpc.services.proto.reflection.ServerReflectionResponse;
import io.salver.server.grpc.services.proto.reflection.ServiceResponse;
import io.salver.server.grpc.services.proto.reflection.v1alpha.ReflectionAlphaProtos;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Tells clients such as grpcurl which services there are and what their messages look like, as
 * {@code grpc.reflection.v1} and {@code v1alpha}, which differ in nothing but their names.
 * Immutable.
 */
public final class ReflectionService {
  private static final String METHOD = ".ServerReflection/ServerReflectionInfo";

  private final Map<String, FileDescriptor> filesByName = new HashMap<>();
  private final Map<String, FileDescriptor> filesBySymbol = new HashMap<>();
  private final Set<String> services = new TreeSet<>();

  /**
   * A service.
   *
   * @param files those that hold the services that are served; the ones of reflection itself are
   *     added
   */
  public ReflectionService(Collection<FileDescriptor> files) {
    files.forEach(this::addWithServices);
    addWithServices(ReflectionProtos.getDescriptor());
    addWithServices(ReflectionAlphaProtos.getDescriptor());
  }

  private void addWithServices(FileDescriptor file) {
    add(file);
    file.getServices().forEach(service -> services.add(service.getFullName()));
  }

  private void add(FileDescriptor file) {
    if (filesByName.put(file.getName(), file) != null) {
      return;
    }
    for (ServiceDescriptor service : file.getServices()) {
      filesBySymbol.put(service.getFullName(), file);
      for (MethodDescriptor method : service.getMethods()) {
        filesBySymbol.put(method.getFullName(), file);
      }
    }
    file.getMessageTypes().forEach(message -> add(message, file));
    for (EnumDescriptor type : file.getEnumTypes()) {
      filesBySymbol.put(type.getFullName(), file);
    }
    file.getDependencies().forEach(this::add);
  }

  private void add(Descriptor message, FileDescriptor file) {
    filesBySymbol.put(message.getFullName(), file);
    message.getFields().forEach(field -> filesBySymbol.put(field.getFullName(), file));
    message.getNestedTypes().forEach(nested -> add(nested, file));
    message.getEnumTypes().forEach(type -> filesBySymbol.put(type.getFullName(), file));
  }

  /** The methods to serve. */
  public List<GrpcMethod> methods() {
    return List.of(
        new GrpcMethod.Streaming("grpc.reflection.v1" + METHOD, this::open),
        new GrpcMethod.Streaming("grpc.reflection.v1alpha" + METHOD, this::open));
  }

  private StreamListener open(StreamCall call) {
    call.request(1);
    return new Conversation(call);
  }

  private ServerReflectionResponse answer(ServerReflectionRequest request) {
    ServerReflectionResponse.Builder response =
        ServerReflectionResponse.newBuilder()
            .setValidHost(request.getHost())
            .setOriginalRequest(request);
    switch (request.getMessageRequestCase()) {
      case LIST_SERVICES -> response.setListServicesResponse(listServices());
      case FILE_BY_FILENAME ->
          setFile(response, filesByName.get(request.getFileByFilename()), "file");
      case FILE_CONTAINING_SYMBOL ->
          setFile(response, filesBySymbol.get(request.getFileContainingSymbol()), "symbol");
      case FILE_CONTAINING_EXTENSION, ALL_EXTENSION_NUMBERS_OF_TYPE ->
          response.setErrorResponse(error(GrpcStatus.NOT_FOUND, "there are no extensions"));
      case MESSAGEREQUEST_NOT_SET ->
          response.setErrorResponse(error(GrpcStatus.INVALID_ARGUMENT, "nothing was asked for"));
    }
    return response.build();
  }

  private ListServiceResponse listServices() {
    ListServiceResponse.Builder list = ListServiceResponse.newBuilder();
    services.forEach(name -> list.addService(ServiceResponse.newBuilder().setName(name)));
    return list.build();
  }

  private static void setFile(
      ServerReflectionResponse.Builder response, @Nullable FileDescriptor file, String what) {
    if (file == null) {
      response.setErrorResponse(error(GrpcStatus.NOT_FOUND, "unknown " + what));
      return;
    }
    Set<FileDescriptor> withImports = new LinkedHashSet<>();
    collect(file, withImports);
    FileDescriptorResponse.Builder files = FileDescriptorResponse.newBuilder();
    withImports.forEach(one -> files.addFileDescriptorProto(one.toProto().toByteString()));
    response.setFileDescriptorResponse(files);
  }

  private static void collect(FileDescriptor file, Set<FileDescriptor> files) {
    if (files.add(file)) {
      file.getDependencies().forEach(imported -> collect(imported, files));
    }
  }

  private static ErrorResponse error(GrpcStatus status, String message) {
    return ErrorResponse.newBuilder().setErrorCode(status.code()).setErrorMessage(message).build();
  }

  /** One client's questions. The next is asked for when there is room for its answer. */
  private final class Conversation implements StreamListener {
    private final StreamCall call;
    private boolean waitsForRoom;

    Conversation(StreamCall call) {
      this.call = call;
    }

    @Override
    public void onMessage(ByteBuf message) {
      ServerReflectionRequest request =
          GrpcBuffers.parse(message, ServerReflectionRequest.parser());
      call.send(GrpcBuffers.write(call, answer(request)));
      if (call.isReady()) {
        call.request(1);
      } else {
        waitsForRoom = true;
      }
    }

    @Override
    public void onReady() {
      if (waitsForRoom) {
        waitsForRoom = false;
        call.request(1);
      }
    }

    @Override
    public void onHalfClose() {
      call.close();
    }

    @Override
    public void onDrain() {
      call.fail(GrpcStatus.UNAVAILABLE, "the server shuts down");
    }
  }
}
