namespace Millrace.WorkflowManager.Engine.Requests;

public enum RequestStatus
{
    Running,
    Completed,
    Failed,
    Cancelled,
}
