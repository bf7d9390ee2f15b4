package io.salver.it;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.protobuf.ProtoUtils;
import io.salver.server.oip.proto.CudaSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.CudaSharedMemoryRegisterResponse;
import io.salver.server.oip.proto.CudaSharedMemoryStatusRequest;
import io.salver.server.oip.proto.CudaSharedMemoryStatusResponse;
import io.salver.server.oip.proto.LogSettingsRequest;
import io.salver.server.oip.proto.LogSettingsResponse;
import io.salver.server.oip.proto.ModelConfigRequest;
import io.salver.server.oip.proto.ModelConfigResponse;
import io.salver.server.oip.proto.ModelInferRequest;
import io.salver.server.oip.proto.ModelInferResponse;
import io.salver.server.oip.proto.ModelMetadataRequest;
import io.salver.server.oip.proto.ModelMetadataResponse;
import io.salver.server.oip.proto.ModelStatisticsRequest;
import io.salver.server.oip.proto.ModelStatisticsResponse;
import io.salver.server.oip.proto.RepositoryIndexRequest;
import io.salver.server.oip.proto.RepositoryIndexResponse;
import io.salver.server.oip.proto.RepositoryModelLoadRequest;
import io.salver.server.oip.proto.RepositoryModelLoadResponse;
import io.salver.server.oip.proto.RepositoryModelUnloadRequest;
import io.salver.server.oip.proto.RepositoryModelUnloadResponse;
import io.salver.server.oip.proto.ServerMetadataRequest;
import io.salver.server.oip.proto.ServerMetadataResponse;
import io.salver.server.oip.proto.SystemSharedMemoryRegisterRequest;
import io.salver.server.oip.proto.SystemSharedMemoryRegisterResponse;
import io.salver.server.oip.proto.SystemSharedMemoryStatusRequest;
import io.salver.server.oip.proto.SystemSharedMemoryStatusResponse;
import io.salver.server.oip.proto.SystemSharedMemoryUnregisterRequest;
import io.salver.server.oip.proto.SystemSharedMemoryUnregisterResponse;
import io.salver.server.oip.proto.TraceSettingRequest;
import io.salver.server.oip.proto.TraceSettingResponse;

/** The methods of {@code inference.GRPCInferenceService}. */
final class OipControlCalls {
  static final MethodDescriptor<ModelInferRequest, ModelInferResponse> INFER =
      method(
          "ModelInfer",
          ModelInferRequest.getDefaultInstance(),
          ModelInferResponse.getDefaultInstance());
  static final MethodDescriptor<ServerMetadataRequest, ServerMetadataResponse> SERVER_METADATA =
      method(
          "ServerMetadata",
          ServerMetadataRequest.getDefaultInstance(),
          ServerMetadataResponse.getDefaultInstance());
  static final MethodDescriptor<ModelMetadataRequest, ModelMetadataResponse> METADATA =
      method(
          "ModelMetadata",
          ModelMetadataRequest.getDefaultInstance(),
          ModelMetadataResponse.getDefaultInstance());
  static final MethodDescriptor<ModelConfigRequest, ModelConfigResponse> CONFIG =
      method(
          "ModelConfig",
          ModelConfigRequest.getDefaultInstance(),
          ModelConfigResponse.getDefaultInstance());
  static final MethodDescriptor<ModelStatisticsRequest, ModelStatisticsResponse> STATISTICS =
      method(
          "ModelStatistics",
          ModelStatisticsRequest.getDefaultInstance(),
          ModelStatisticsResponse.getDefaultInstance());
  static final MethodDescriptor<RepositoryIndexRequest, RepositoryIndexResponse> INDEX =
      method(
          "RepositoryIndex",
          RepositoryIndexRequest.getDefaultInstance(),
          RepositoryIndexResponse.getDefaultInstance());
  static final MethodDescriptor<RepositoryModelLoadRequest, RepositoryModelLoadResponse> LOAD =
      method(
          "RepositoryModelLoad",
          RepositoryModelLoadRequest.getDefaultInstance(),
          RepositoryModelLoadResponse.getDefaultInstance());
  static final MethodDescriptor<RepositoryModelUnloadRequest, RepositoryModelUnloadResponse>
      UNLOAD =
          method(
              "RepositoryModelUnload",
              RepositoryModelUnloadRequest.getDefaultInstance(),
              RepositoryModelUnloadResponse.getDefaultInstance());
  static final MethodDescriptor<SystemSharedMemoryStatusRequest, SystemSharedMemoryStatusResponse>
      SHM_STATUS =
          method(
              "SystemSharedMemoryStatus",
              SystemSharedMemoryStatusRequest.getDefaultInstance(),
              SystemSharedMemoryStatusResponse.getDefaultInstance());
  static final MethodDescriptor<
          SystemSharedMemoryRegisterRequest, SystemSharedMemoryRegisterResponse>
      SHM_REGISTER =
          method(
              "SystemSharedMemoryRegister",
              SystemSharedMemoryRegisterRequest.getDefaultInstance(),
              SystemSharedMemoryRegisterResponse.getDefaultInstance());
  static final MethodDescriptor<
          SystemSharedMemoryUnregisterRequest, SystemSharedMemoryUnregisterResponse>
      SHM_UNREGISTER =
          method(
              "SystemSharedMemoryUnregister",
              SystemSharedMemoryUnregisterRequest.getDefaultInstance(),
              SystemSharedMemoryUnregisterResponse.getDefaultInstance());
  static final MethodDescriptor<CudaSharedMemoryStatusRequest, CudaSharedMemoryStatusResponse>
      CUDA_STATUS =
          method(
              "CudaSharedMemoryStatus",
              CudaSharedMemoryStatusRequest.getDefaultInstance(),
              CudaSharedMemoryStatusResponse.getDefaultInstance());
  static final MethodDescriptor<CudaSharedMemoryRegisterRequest, CudaSharedMemoryRegisterResponse>
      CUDA_REGISTER =
          method(
              "CudaSharedMemoryRegister",
              CudaSharedMemoryRegisterRequest.getDefaultInstance(),
              CudaSharedMemoryRegisterResponse.getDefaultInstance());
  static final MethodDescriptor<TraceSettingRequest, TraceSettingResponse> TRACE =
      method(
          "TraceSetting",
          TraceSettingRequest.getDefaultInstance(),
          TraceSettingResponse.getDefaultInstance());
  static final MethodDescriptor<LogSettingsRequest, LogSettingsResponse> LOG =
      method(
          "LogSettings",
          LogSettingsRequest.getDefaultInstance(),
          LogSettingsResponse.getDefaultInstance());

  private OipControlCalls() {}

  private static <Q extends Message, A extends Message> MethodDescriptor<Q, A> method(
      String name, Q request, A answer) {
    return MethodDescriptor.<Q, A>newBuilder()
        .setType(MethodType.UNARY)
        .setFullMethodName("inference.GRPCInferenceService/" + name)
        .setRequestMarshaller(ProtoUtils.marshaller(request))
        .setResponseMarshaller(ProtoUtils.marshaller(answer))
        .build();
  }
}
