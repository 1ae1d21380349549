namespace Millrace.WorkflowManager.Runtime.Views;

/// <summary>The store is there and can't load this one request.</summary>
internal sealed class DamagedRequestException(Guid id, Exception cause)
    : Exception($"The store can't load request {id}; what is stored of it is damaged: {cause.Message} Restore it from a copy of the store.", cause);
